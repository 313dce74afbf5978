import { RowsDigest, TABLES, type TableName, type WholeLedger } from './whole.ts';

export interface CopiedTable {
  readonly table: TableName;
  readonly rows: number;
  /** Of what was read, and equal to that of what was read back. */
  readonly digest: string;
}

export interface Copying {
  readonly from: WholeLedger;
  readonly to: WholeLedger;
  /** Counters that say something of the ledger itself stay where they are. */
  readonly without: ReadonlySet<string>;
  readonly onProgress: (progress: { table: TableName; done: number; total: number }) => void;
}

/** Copies every table of one ledger into another, empty one, and reads it back. Throws where something else came back. */
export async function copyLedger({ from, to, without, onProgress }: Copying): Promise<CopiedTable[]> {
  const copied: CopiedTable[] = [];
  let total = 0;
  for (const table of TABLES) total += await from.count(table);
  let done = 0;
  for (const table of TABLES) {
    const written = new RowsDigest();
    for await (const portion of from.rows(table)) {
      const rows = portion.filter(({ name }) => table !== 'counters' || !without.has(String(name)));
      await to.write(table, rows);
      written.add(rows);
      done += portion.length;
      onProgress({ table, done, total });
    }
    const last = await from.lastKey(table);
    if (last !== null) await to.keepKeysAbove(table, last);
    const read = new RowsDigest();
    for await (const portion of to.rows(table))
      read.add(portion.filter(({ name }) => table !== 'counters' || !without.has(String(name))));
    const [digest, readBack] = [written.toString(), read.toString()];
    if (read.rows !== written.rows || readBack !== digest)
      throw new Error(
        `Table ${table} was copied with ${written.rows} rows and read back with ${read.rows}, or with others: the move is not done; start it again.`,
      );
    copied.push({ table, rows: written.rows, digest });
  }
  await to.takeStock();
  return copied;
}
