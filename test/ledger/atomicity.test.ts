import SqliteDatabase from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.ts';
import { contents, faultyDatabase, type Trouble } from './faulty-database.ts';
import { furnish, methods } from './methods.ts';

describe.each([
  ['a statement fails', false],
  ['the program dies', true],
])('when %s in the middle', (_, dead) => {
  test.each(methods)('%s leaves nothing half done', async (_name, call) => {
    let survived = 0;
    for (let at = 1; ; at++) {
      const database = new SqliteDatabase(':memory:');
      const trouble: Trouble = { at: Infinity, dead, count: 0 };
      const ledger = await openLedger({ database: faultyDatabase(database, trouble) });
      await furnish(ledger);
      const before = contents(database);
      Object.assign(trouble, { at, count: 0 });
      const outcome = await call(ledger).then(
        () => 'done',
        (error: unknown) => String(error),
      );
      const next = await openLedger({ database });
      if (outcome === 'done') {
        expect(contents(database)).not.toEqual(before);
        break;
      }
      expect(outcome).toContain('planted fault');
      expect(contents(database)).toEqual(before);
      survived++;
      // The next ledger does the same without a trace of what happened.
      await call(next);
      expect(contents(database)).not.toEqual(before);
      database.close();
    }
    // Begin, at least two statements, commit.
    expect(survived).toBeGreaterThanOrEqual(4);
  });
});
