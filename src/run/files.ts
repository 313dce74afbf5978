/** The files of the embedded shape, in the data folder. Two, so that nobody leans on a transaction over both. */
export const LEDGER_FILE = 'ledger.sqlite';
export const QUEUE_FILE = 'queue.sqlite';
