import type { EventFacts } from './event.ts';

/** 9xx: the dashboard, and what was done there. */
export const dashboardEvents = {
  'dashboard-listens': {
    id: 901,
    level: 'info',
    message: 'dashboard listens; sign in with: contact-sync dashboard link',
    meaning: 'the pages can be opened at this address',
    remedy: null,
  },
  'dashboard-address-taken': {
    id: 902,
    level: 'error',
    message:
      'the dashboard cannot listen, and the service works without it; it is tried again every 30 seconds: end the program that ' +
      'has the address, which may be a dashboard of its own, or name another one in dashboard.listen and start the service anew',
    meaning: 'another program has the address of `dashboard.listen`, or it is none of this machine',
    remedy: 'end the other program, or name another address and start the service anew',
  },
  'dashboard-signed-in': {
    id: 903,
    level: 'info',
    message: 'dashboard: signed in',
    meaning: 'a session began; `session` is on all lines of what is done in it',
    remedy: null,
  },
  'dashboard-signed-out': {
    id: 904,
    level: 'info',
    message: 'dashboard: signed out',
    meaning: 'a session was ended by whoever had it',
    remedy: null,
  },
  'sign-in-refused': {
    id: 905,
    level: 'warn',
    message: 'dashboard: a sign-in was refused',
    meaning:
      'a link was spent, too old, made up, or made by another user of the machine; or a sign-in through Entra was refused, for the reason beside it',
    remedy: 'if nobody of yours tried, see who reaches the address of the dashboard',
  },
  'sign-in-flooded': {
    id: 906,
    level: 'warn',
    message: 'dashboard: too many attempts to sign in',
    meaning: 'somebody tries links, or sign-ins through Entra; for a while nobody can sign in that way',
    remedy: 'see who reaches the address of the dashboard',
  },
  'links-folder-unusable': {
    id: 907,
    level: 'error',
    message: 'dashboard: the folder of links cannot be made: make it for the user of the service',
    meaning: 'nobody can sign in; everything else goes on',
    remedy: 'make the folder, for the user of the service alone',
  },
  'dashboard-action': {
    id: 908,
    level: 'info',
    message: 'dashboard: action',
    meaning: 'an administrator did what `action` says, with what came of it',
    remedy: null,
  },
  'dashboard-action-refused': {
    id: 909,
    level: 'warn',
    message: 'dashboard: an action was refused',
    meaning: 'it came from no page of this session, or from somebody who may only look',
    remedy: null,
  },
  'dashboard-action-failed': {
    id: 910,
    level: 'error',
    message: 'dashboard: an action failed',
    meaning: 'what the administrator asked for was not done; the page said so',
    remedy: 'read the error beside it, and try again or use the command line',
  },
  'dashboard-request-failed': {
    id: 911,
    level: 'error',
    message: 'dashboard: a request failed',
    meaning: 'a page could not be made',
    remedy: 'read the error beside it; `status` tells the same without the dashboard',
  },
  'given-up-unreadable': {
    id: 912,
    level: 'error',
    message: 'dashboard: what was given up cannot be read',
    meaning: 'the queues, or the ledger, did not answer',
    remedy: 'see whether they can be reached (`doctor`); `dead list` reads the same',
  },
} as const satisfies Record<string, EventFacts>;
