import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { expect, test } from 'vitest';
import { openLedgerFile } from '../../src/ledger/open.ts';
import { certain, found, storePeople, traces } from './personal-traces.ts';

test('no name, number or address of anybody lies in the bytes of the ledger', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'ledger-'));
  try {
    const ledger = await openLedgerFile({ path: joinPath(folder, 'ledger.db') });
    await storePeople(ledger);
    // While it is open, so that what is only in the write-ahead log is seen too.
    const files = readdirSync(folder).map((name) => readFileSync(joinPath(folder, name)));
    expect(files.length).toBeGreaterThan(1);
    expect(found(certain, files)).toEqual(certain);
    expect(traces.length).toBeGreaterThan(20);
    expect(found(traces, files)).toEqual([]);
    await ledger.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
