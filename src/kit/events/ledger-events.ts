import type { EventFacts } from './event.ts';

/** 8xx: the ledger, and what a lost or restored one costs. */
export const ledgerEvents = {
  'ledger-migrated': {
    id: 801,
    level: 'info',
    message: 'ledger migrated',
    meaning:
      'a newer version of the program brought the tables up to date; older versions refuse to start from now on',
    remedy: null,
  },
  'ledger-connection-lost': {
    id: 802,
    level: 'warn',
    message: 'a connection to the ledger was lost',
    meaning: 'another is opened when it is needed',
    remedy: 'if it stays, see whether the database can be reached',
  },
  'ledger-behind': {
    id: 803,
    level: 'warn',
    message: 'ledger, queue and mailboxes are not of one time: links are rebuilt from the marks',
    meaning:
      'the ledger was restored, or the queue was; nothing is believed of this slab until it has been looked through',
    remedy: null,
  },
  'ledger-lost': {
    id: 804,
    level: 'warn',
    message:
      'the ledger is new, was lost or is an old one: every mailbox is searched once for folders of ours',
    meaning:
      'so that contacts of which the ledger knows nothing are found, by their marks; at the first start of an installation whose `deployment` stands in the configuration this is as it should be, since a new ledger cannot be told from one that was lost',
    remedy: 'nothing at a first start; later, see who replaced the ledger, and why',
  },
  'queue-lost': {
    id: 805,
    level: 'warn',
    message: 'the queue is new and the ledger is not: every mailbox is checked',
    meaning: 'what was on its way is gone, so everything is looked at once',
    remedy: 'nothing; unless nobody meant to replace the queue',
  },
  'folder-recalled': {
    id: 806,
    level: 'warn',
    message: 'a folder was found that the ledger did not know',
    meaning: 'it bears our mark, and is kept up to date, or emptied, from now on',
    remedy: null,
  },
  'contacts-recalled': {
    id: 807,
    level: 'warn',
    message: 'contacts of ours were found that the ledger did not know',
    meaning: 'they bear our mark, and are kept up to date, or let go, from now on',
    remedy: null,
  },
  'traces-unkept': {
    id: 808,
    level: 'warn',
    message: 'the ledger did not take what became of changes: `trace` will not know it',
    meaning: 'the work itself is done, or tried again, as always',
    remedy: 'if it stays, see that the disk has room, or that the database can be reached',
  },
} as const satisfies Record<string, EventFacts>;
