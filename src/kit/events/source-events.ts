import type { EventFacts } from './event.ts';

/** 4xx: people and groups, as the sources tell of them. */
export const sourceEvents = {
  'sweep-done': {
    id: 401,
    level: 'info',
    message: 'sweep done',
    meaning: 'everything that changed since the sweep before was asked for',
    remedy: null,
  },
  'changes-unannounced': {
    id: 402,
    level: 'warn',
    message: 'the sweep found changes that no notification had announced',
    meaning: 'notifications were lost; what they would have told of is being written now',
    remedy:
      "once is Microsoft's affair; if it comes each night, look at `status` and `doctor`: subscriptions, public address, late answers",
  },
  'people-token-expired': {
    id: 403,
    level: 'warn',
    message: 'a delta token over people is no longer good: full round',
    meaning: 'Graph forgot where the last sweep ended; everybody is read once',
    remedy: null,
  },
  'groups-token-expired': {
    id: 404,
    level: 'warn',
    message: 'the delta token of a bundle of groups is no longer good: full round',
    meaning: 'Graph forgot where the last reading ended; the members of these groups are read once',
    remedy: null,
  },
  'source-shrank': {
    id: 405,
    level: 'error',
    message: 'the source shrank suddenly: nothing is removed until "contact-sync approve"',
    meaning:
      'a reading showed far fewer people than before; that may be a mistake there, so all removals of this job wait',
    remedy: 'look in Entra whether that is meant; then `approve`, or put it right there',
  },
  'group-missing': {
    id: 406,
    level: 'error',
    message: 'a group of the configuration is not found: correct its id, or take it out',
    meaning: 'whoever is in scope by this group alone stays as they are until the guard has been asked',
    remedy: 'correct the id in the configuration, or take it out',
  },
  'exception-missing': {
    id: 407,
    level: 'error',
    message:
      'a group that keeps people or fields back is not found: it goes on doing so until "contact-sync approve"',
    meaning:
      'a group that excepts people, or withholds fields, is gone; its last known members stay excepted',
    remedy: 'restore the group, or `approve` that it is gone',
  },
  'members-let-go': {
    id: 408,
    level: 'info',
    message: 'members of groups that are gone were let go',
    meaning: 'after an approval, members of a group that is gone count as members no longer',
    remedy: null,
  },
  'changes-unhandled': {
    id: 409,
    level: 'warn',
    message: 'changes not handled',
    meaning:
      'what was to be read could not be; the messages are tried again, and after many times kept as given up',
    remedy: 'if it stays, `dead list` and `doctor` say why',
  },
} as const satisfies Record<string, EventFacts>;
