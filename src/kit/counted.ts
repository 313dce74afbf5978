const grouped = new Intl.NumberFormat('en-US');

/** 24,950 */
export function count(value: number): string {
  return grouped.format(value);
}

/** "1 contact", "24,950 contacts" */
export function many(value: number, one: string, several = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : several}`;
}
