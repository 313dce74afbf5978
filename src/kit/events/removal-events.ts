import type { EventFacts } from './event.ts';

/** 5xx: removals, and what an administrator ordered. */
export const removalEvents = {
  'removals-held': {
    id: 501,
    level: 'error',
    message: 'removals held by the guard: look at "contact-sync status", then "contact-sync approve"',
    meaning:
      'more would be removed within 24 hours than the guard of the job lets through; the rest waits for a person',
    remedy: 'look at `status` who would go and why; then `approve`, or put it right at the source',
  },
  'job-withdrawn': {
    id: 502,
    level: 'warn',
    message: 'job withdrawn: it is no longer in the configuration',
    meaning: 'its contacts are removed from all mailboxes, as far as the guard lets them',
    remedy: 'nothing if that is meant; else put the job back under the same id',
  },
  'job-forgotten': {
    id: 503,
    level: 'info',
    message: 'withdrawn job forgotten: nothing of it is left',
    meaning: 'the last mailbox was emptied of it',
    remedy: null,
  },
  'revert-begun': {
    id: 504,
    level: 'warn',
    message: 'revert: what this route put into mailboxes is taken back',
    meaning: 'an administrator ordered it',
    remedy: 'nothing if that is meant; else `pause` at once',
  },
  'revert-search-failed': {
    id: 505,
    level: 'warn',
    message: 'mailboxes cannot be searched now; trying again',
    meaning: 'a revert also looks for folders that the ledger does not know, and could not in this tenant',
    remedy: 'if it stays, run `doctor` for the tenant',
  },
  'tenant-missing': {
    id: 506,
    level: 'error',
    message:
      'a tenant is no longer in the configuration while contacts of a withdrawn job are in its mailboxes: put it back until they are gone',
    meaning: 'without the tenant there is no way into its mailboxes, and what is in them stays',
    remedy: 'put the tenant back into the configuration until `status` shows nothing of the job',
  },
  'halts-changed': {
    id: 507,
    level: 'info',
    message: 'an administrator stopped or resumed work',
    meaning: 'the routes named in `stopped` write nothing now; all others do',
    remedy: null,
  },
  'given-up-retried': {
    id: 508,
    level: 'info',
    message: 'what was given up is tried again, as an administrator asked',
    meaning: 'by `dead retry` or `retry`',
    remedy: null,
  },
  'given-up-dropped': {
    id: 509,
    level: 'warn',
    message: 'what was given up is forgotten, as an administrator asked',
    meaning: 'by `dead drop`: nobody does this work any more until the object changes or a sweep finds it',
    remedy: null,
  },
} as const satisfies Record<string, EventFacts>;
