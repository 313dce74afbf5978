/** Every step of the schema, in the order in which a new ledger takes them. */
export const MIGRATIONS = [
  '0001-start',
  '0002-crew',
  '0003-references',
  '0004-book',
  '0005-waits',
  '0006-compliance',
  '0007-traces',
];
