import { hexOf } from '../dialect.ts';

/** Values as PostgreSQL reads an array: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
export function arrayOf(values: readonly (number | string | Uint8Array | null)[]): string {
  return `{${values.map(elementOf).join(',')}}`;
}

function elementOf(value: number | string | Uint8Array | null): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
  return `"\\\\x${hexOf(value) ?? ''}"`;
}
