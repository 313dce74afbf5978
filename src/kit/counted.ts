const grouped = new Intl.NumberFormat('en-US');

/** 24,950. Null: nobody counted. */
export function count(value: number | null): string {
  return value === null ? 'not counted' : grouped.format(value);
}

/** "1 contact", "24,950 contacts"; where nobody counted, "contacts" */
export function many(value: number | null, one: string, several = `${one}s`): string {
  if (value === null) return several;
  return `${count(value)} ${value === 1 ? one : several}`;
}
