import type { EventFacts } from './event.ts';

/** 3xx: notifications and subscriptions. */
export const notificationEvents = {
  'receiver-listens': {
    id: 301,
    level: 'info',
    message: 'receiver listens',
    meaning: 'notifications can be taken at this address',
    remedy: null,
  },
  'answers-delaying': {
    id: 302,
    level: 'warn',
    message: 'answers are so late that Microsoft Graph delays notifications',
    meaning:
      'of the answers of ten minutes more than a tenth took over 3 s: Graph holds new notifications back for ten minutes',
    remedy: 'see what makes the queue slow to store: a full or slow disk, or Service Bus out of reach',
  },
  'answers-dropping': {
    id: 303,
    level: 'error',
    message: 'answers are so late that Microsoft Graph drops notifications',
    meaning:
      'of the answers of ten minutes more than 15 % took over 10 s: Graph drops new notifications; the sweep finds what they told of',
    remedy: 'as for 302, and run `sweep`, or wait for the next one',
  },
  'notifications-forged': {
    id: 304,
    level: 'warn',
    message: 'forged notifications',
    meaning:
      'posts whose client state is not ours were ignored: strangers, or subscriptions made with a key that was changed since',
    remedy:
      'after a change of `clientStateKey` keep the old one as the previous key for as long as subscriptions live',
  },
  'notifications-malformed': {
    id: 305,
    level: 'warn',
    message: 'malformed notifications',
    meaning: 'posts that are no notifications were ignored',
    remedy: "nothing; many at once are somebody who tries things: let in only Microsoft's addresses",
  },
  'notifications-unstored': {
    id: 306,
    level: 'error',
    message: 'the queue takes no notifications',
    meaning: 'posts were answered with 503, so that Graph sends them again, for up to four hours',
    remedy: 'see that the disk has room, or that Service Bus can be reached (`doctor`)',
  },
  'post-failed': {
    id: 307,
    level: 'warn',
    message: 'request failed',
    meaning: 'a request to the receiver ended in an error of ours and was answered with 500',
    remedy: 'if it stays, report it with the lines around it',
  },
  'subscription-made': {
    id: 311,
    level: 'info',
    message: 'subscription made',
    meaning: 'Graph tells of changes of this resource from now on',
    remedy: null,
  },
  'subscription-renewed': {
    id: 312,
    level: 'info',
    message: 'subscription renewed',
    meaning: 'Graph goes on telling of changes of this resource',
    remedy: null,
  },
  'subscription-ended': {
    id: 313,
    level: 'info',
    message: 'subscription ended: no job needs it',
    meaning: 'nothing in the configuration asks for this resource any more',
    remedy: null,
  },
  'subscription-replaced': {
    id: 314,
    level: 'warn',
    message: 'subscription replaced',
    meaning:
      'one that points elsewhere, or was made with a key that is not ours any more, made room for a new one',
    remedy: 'nothing after a change of address or key; else see who uses the same app registration',
  },
  'subscription-doubled': {
    id: 315,
    level: 'warn',
    message: 'a second subscription removed',
    meaning: 'two told of the same resource; one is enough',
    remedy: null,
  },
  'subscription-refused': {
    id: 316,
    level: 'warn',
    message: 'a mailbox does not take what its subscription needs: tried again at the next check',
    meaning: 'changes in this mailbox are found by asking until there is a subscription',
    remedy: 'the error beside it says why: no mailbox, no right to it, or too many subscriptions there',
  },
  'subscription-rivalled': {
    id: 317,
    level: 'error',
    message:
      'another installation has the subscription under the same app registration: give each its own; changes are asked for meanwhile',
    meaning:
      'two installations share an app registration, and Graph takes one subscription of it for each resource',
    remedy: 'register an app of its own for one of them',
  },
} as const satisfies Record<string, EventFacts>;
