import { postgresHome } from '../ledger/postgres/home.ts';
import { ledgerContract } from './ledger-contract.ts';

const home = postgresHome();

ledgerContract('PostgreSQL ledger', async () => ({
  open: () => home.open(),
  destroy: () => Promise.resolve(),
}));
