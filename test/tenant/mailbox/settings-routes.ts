import { ok, type Answer, type Call } from '../http/call.ts';
import type { Route } from '../http/router.ts';
import type { MailRooms } from './locate.ts';

const NEEDS = ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'];

/** What a mailbox is for: asked of one person at a time, never in lists or delta (learn.microsoft.com/graph/api/user-get-mailboxsettings). */
export function settingsRoutes(rooms: MailRooms): Route[] {
  const path = 'users/{id}/mailboxSettings';
  return [
    { operation: `GET ${path}`, needs: NEEDS, handle: (call) => settings(call, rooms) },
    { operation: `GET ${path}/userPurpose`, needs: NEEDS, handle: (call) => purpose(call, rooms) },
  ];
}

function settings(call: Call, { mailboxes }: MailRooms): Answer {
  const { userId } = mailboxes.demand(call.path[1] ?? '');
  return ok({
    '@odata.context': `${call.origin}/v1.0/$metadata#users('${userId}')/mailboxSettings`,
    timeZone: 'UTC',
    dateFormat: 'yyyy-MM-dd',
    timeFormat: 'HH:mm',
    userPurpose: mailboxes.purpose(userId),
  });
}

function purpose(call: Call, { mailboxes }: MailRooms): Answer {
  const { userId } = mailboxes.demand(call.path[1] ?? '');
  return ok({
    '@odata.context': `${call.origin}/v1.0/$metadata#users('${userId}')/mailboxSettings/userPurpose`,
    value: mailboxes.purpose(userId),
  });
}
