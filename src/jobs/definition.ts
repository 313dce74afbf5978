import { createHash } from 'node:crypto';

/** A digest of everything that decides who is shown to whom (`scope`), and as what. */
export function definitionOf(scope: object, mapping: object): string {
  const definition = JSON.stringify([sorted(scope), mapping]);
  return createHash('sha256').update(definition).digest('hex').slice(0, 32);
}

/** The same meaning is the same text: neither the order of keys nor that of lists says anything in a scope. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(sorted(one))).toSorted();
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, sorted(one)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
