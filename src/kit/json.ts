/** Reading answers without believing them: a field that is not what it should be reads as absent. */
export function field(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A string, or null. */
export function text(value: unknown, name: string): string | null {
  const found = field(value, name);
  return typeof found === 'string' ? found : null;
}

/** A list, or `undefined` when the field is missing or is none: a missing list is not an empty one. */
export function list(value: unknown, name: string): readonly unknown[] | undefined {
  const found = field(value, name);
  return Array.isArray(found) ? found : undefined;
}

/** The strings of a list; empty when absent. */
export function texts(value: unknown, name: string): readonly string[] {
  return (list(value, name) ?? []).filter((entry) => typeof entry === 'string');
}
