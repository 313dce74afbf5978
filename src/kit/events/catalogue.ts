import { dashboardEvents } from './dashboard-events.ts';
import type { EventFacts } from './event.ts';
import { ledgerEvents } from './ledger-events.ts';
import { mailboxEvents } from './mailbox-events.ts';
import { microsoftEvents } from './microsoft-events.ts';
import { notificationEvents } from './notification-events.ts';
import { processEvents } from './process-events.ts';
import { queueEvents } from './queue-events.ts';
import { removalEvents } from './removal-events.ts';
import { sourceEvents } from './source-events.ts';

/** The hundreds of the ids, and what each is about. */
export const EVENT_GROUPS = [
  { hundred: 1, about: 'Processes and roles', events: processEvents },
  { hundred: 2, about: 'Requests to Microsoft and credentials', events: microsoftEvents },
  { hundred: 3, about: 'Notifications and subscriptions', events: notificationEvents },
  { hundred: 4, about: 'People and groups', events: sourceEvents },
  { hundred: 5, about: 'Removals and orders', events: removalEvents },
  { hundred: 6, about: 'Mailboxes and contacts', events: mailboxEvents },
  { hundred: 7, about: 'Queues', events: queueEvents },
  { hundred: 8, about: 'Ledger', events: ledgerEvents },
  { hundred: 9, about: 'Dashboard', events: dashboardEvents },
] as const;

const EVENTS = {
  ...processEvents,
  ...microsoftEvents,
  ...notificationEvents,
  ...sourceEvents,
  ...removalEvents,
  ...mailboxEvents,
  ...queueEvents,
  ...ledgerEvents,
  ...dashboardEvents,
} as const;

/** A line of the log names one of these, and is of its level and text. */
export type EventName = keyof typeof EVENTS;

export function eventOf(name: EventName): EventFacts {
  return EVENTS[name];
}
