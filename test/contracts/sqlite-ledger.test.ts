import SqliteDatabase from 'better-sqlite3';
import { openLedger } from '../../src/ledger/open.ts';
import { ledgerContract } from './ledger-contract.ts';

ledgerContract('SQLite ledger', async () => {
  const database = new SqliteDatabase(':memory:');
  return {
    open: () => openLedger({ database }),
    destroy: async () => {
      database.close();
    },
  };
});
