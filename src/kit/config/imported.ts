/** What the configuration of another tool comes to. */
export interface Imported {
  /** Text of a `contact-sync.yaml`, with comments that say what came from where. */
  readonly yaml: string;
  /** The secrets that stood in it, and the names of the files that the configuration refers to. */
  readonly secrets: readonly { readonly file: string; readonly text: string }[];
  /** What an administrator should know before the first plan. */
  readonly notes: readonly string[];
}

export const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** As the scripts spell it. */
export function isYes(text: string): boolean {
  return /^(?:true|1|yes|y)$/i.test(text.trim());
}

/** JSON is YAML. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** An id of this program's own, made of a name. */
export function idOf(name: string | undefined, otherwise: string, taken: readonly string[] = []): string {
  const id = (name ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 17);
  if (id === '') return otherwise;
  return taken.includes(id) ? `${id}-${otherwise}` : id;
}
