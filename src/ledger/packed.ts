import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Rows that are written and read together: ids in them are alike in most of their letters, and take little room so. */
export function pack(rows: readonly (readonly unknown[])[]): Uint8Array {
  return deflateRawSync(JSON.stringify(rows));
}

/** What is no text comes back as null. Throws for a portion that no version of the program wrote. */
export function unpack(bytes: Uint8Array): (string | null)[][] {
  const rows: unknown = JSON.parse(inflateRawSync(bytes).toString('utf8'));
  if (!Array.isArray(rows)) throw new Error('The ledger holds a portion that this version does not know.');
  return rows.map((row: unknown) =>
    Array.isArray(row) ? row.map((cell: unknown) => (typeof cell === 'string' ? cell : null)) : [],
  );
}
