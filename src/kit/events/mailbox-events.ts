import type { EventFacts } from './event.ts';

/** 6xx: mailboxes, folders and contacts. */
export const mailboxEvents = {
  'mailbox-parked': {
    id: 601,
    level: 'warn',
    message: 'mailbox parked',
    meaning:
      'it cannot be used, for the reason beside it; it is tried again after an hour, then ever more slowly',
    remedy:
      'nothing for new or shared mailboxes that get a licence later; else `explain` for somebody there says what is in the way',
  },
  'place-forgotten': {
    id: 602,
    level: 'warn',
    message: 'place forgotten: its mailbox went with the owner',
    meaning: 'a mailbox that was to be emptied has been away for as long as it could be restored',
    remedy: null,
  },
  'folder-missing': {
    id: 603,
    level: 'warn',
    message: 'a managed folder is gone: it is made anew',
    meaning: 'the owner deleted it, or moved it out of sight',
    remedy: 'nothing; who does not want the folder is left out by `target: { except: ... }`',
  },
  'folder-name-taken': {
    id: 604,
    level: 'warn',
    message: 'the folder name is taken by a folder that is not ours',
    meaning:
      'the owner has a folder of that name; theirs is not touched, and this mailbox gets none until the name is free',
    remedy: 'have it renamed there, or name another `folder` in the job',
  },
  'contact-refused': {
    id: 605,
    level: 'error',
    message: 'the service refuses this contact; everything else goes on',
    meaning: 'Exchange does not take what is to be written for this person in this mailbox',
    remedy:
      '`dead list` names the reason; put the attribute right in the directory, or the field in the configuration',
  },
  'contact-failing': {
    id: 606,
    level: 'warn',
    message: 'a contact fails again and again: it is tried ever more slowly',
    meaning: 'others in the same mailbox succeed; this one does not',
    remedy: '`dead list` names the reason',
  },
  'work-given-up': {
    id: 607,
    level: 'error',
    message: 'work failed again and again; it is kept, and tried again later',
    meaning: 'a look at an object, or the writes of a slab, failed as often as they are tried at once',
    remedy: '`dead show` says why and what to do; `dead retry` tries it at once',
  },
  'given-up-unnoted': {
    id: 608,
    level: 'error',
    message: 'the ledger cannot be told what failed; the queue keeps it',
    meaning: 'nothing is lost: it comes back once the ledger can be written again',
    remedy: 'see that the disk has room, or that the database can be reached (`doctor`)',
  },
  'writes-unfinished': {
    id: 609,
    level: 'warn',
    message: 'writes not finished',
    meaning: 'what was begun in this slab came to an end with an error; the messages are tried again',
    remedy: 'if it stays, `dead list` and `doctor` say why',
  },
  'contacts-adopted': {
    id: 610,
    level: 'info',
    message: 'contacts adopted',
    meaning: 'contacts that were there before are kept up to date from now on, as `adopt` says',
    remedy: null,
  },
  'contacts-ambiguous': {
    id: 611,
    level: 'warn',
    message: 'contacts of this mailbox fit several, or each other: they are left alone',
    meaning: 'by their addresses or names it cannot be said whose they are',
    remedy: 'have the owner join or tell apart contacts with the same address',
  },
} as const satisfies Record<string, EventFacts>;
