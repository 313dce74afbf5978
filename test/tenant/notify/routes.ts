import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import type { Transport } from '../../../src/kit/transport.ts';
import { CallWindow } from '../http/call-window.ts';
import { created, noContent, ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { only } from '../http/odata.ts';
import type { Permissions, Route } from '../http/router.ts';
import { demandShape } from '../http/schema.ts';
import { demandFolder } from '../mailbox/locate.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import { wantsImmutable } from '../mailbox/render.ts';
import type { Switches } from '../options.ts';
import { demandHandshake } from './handshake.ts';
import type { Notifier } from './notifier.ts';
import { targetOf, type Subscription } from './subscription.ts';
import type { SubscriptionRequest, Subscriptions } from './subscriptions.ts';

/** Per app and tenant in 20 s (learn.microsoft.com/graph/api/resources/subscription). */
const WINDOW_MS = 20_000;
const LISTS_MAX = 25;
const READS_MAX = 500;
const WRITES_MAX = 500;

interface Rooms {
  readonly appId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly switches: Switches;
  readonly mailboxes: Mailboxes;
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
}

/** Subscriptions: create, list, read, renew, reauthorize, delete. */
export function subscriptionRoutes(rooms: Rooms): Route[] {
  const lists = new CallWindow({ count: LISTS_MAX, spanMs: WINDOW_MS });
  const reads = new CallWindow({ count: READS_MAX, spanMs: WINDOW_MS });
  const writes = new CallWindow({ count: WRITES_MAX, spanMs: WINDOW_MS });
  const limited = (window: CallWindow, handle: Route['handle']): Route['handle'] => {
    return (call) => {
      const wait = window.take(rooms.clock.now());
      if (wait === 0) return handle(call);
      throw new Refusal(429, 'TooManyRequests', 'Too many requests.').with({
        'Retry-After': String(Math.ceil(wait / 1_000)),
      });
    };
  };
  const existing = (call: Call) => permissionsFor(rooms.subscriptions.get(call.path[1] ?? '')?.resource);
  return [
    // It shows an app its own alone.
    { operation: 'GET subscriptions', needs: 'anyone', handle: limited(lists, (call) => list(call, rooms)) },
    {
      operation: 'POST subscriptions',
      needs: (call) => permissionsFor(text(call.body, 'resource')),
      // What lies behind Graph refuses, and Graph says so in a word of its own.
      denial: (call) => (isAboutContacts(call) ? 'ExtensionError' : undefined),
      handle: limited(writes, (call) => create(call, rooms)),
    },
    {
      operation: 'GET subscriptions/{id}',
      needs: existing,
      handle: limited(reads, (call) => answer(call, rooms, find(call, rooms))),
    },
    {
      operation: 'PATCH subscriptions/{id}',
      needs: existing,
      handle: limited(writes, (call) => renew(call, rooms)),
    },
    {
      operation: 'DELETE subscriptions/{id}',
      needs: existing,
      handle: limited(writes, (call) => remove(call, rooms)),
    },
    {
      operation: 'POST subscriptions/{id}/reauthorize',
      needs: existing,
      handle: limited(writes, (call) => reauthorize(call, rooms)),
    },
  ];
}

/**
 * What reads a resource is what subscribes to it; who belongs to groups may be read with less, but not subscribed to
 * (learn.microsoft.com/graph/api/subscription-post-subscriptions). What is no resource of ours is refused for another reason.
 */
function permissionsFor(resource = ''): Permissions {
  const target = targetOf(resource);
  if (target === undefined) return 'anyone';
  return [MAY_SUBSCRIBE[target.collection]];
}

/** Whoever may only write contacts may not be told of them. */
const MAY_SUBSCRIBE = { users: 'User.Read.All', groups: 'Group.Read.All', contacts: 'Contacts.Read' };

/** A mailbox that cannot be had refuses as it refuses everything else: no text says how it refuses this. */
function demandReachable(resource: string, { mailboxes }: Rooms): void {
  const target = targetOf(resource);
  if (target?.collection !== 'contacts') return;
  const mailbox = mailboxes.demand(target.userId);
  if (target.folderId !== undefined) demandFolder(mailbox, target.folderId);
}

function withPreference(answer: Answer, { immutableIds }: Subscription): Answer {
  if (!immutableIds) return answer;
  return { ...answer, headers: { 'Preference-Applied': 'IdType="ImmutableId"' } };
}

function text(body: unknown, name: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function find(call: Call, rooms: Rooms): Subscription {
  const subscription = rooms.subscriptions.get(call.path[1] ?? '');
  if (subscription !== undefined) return subscription;
  throw new Refusal(404, 'ResourceNotFound', 'The object was not found.');
}

function shape(subscription: Subscription, appId: string): Record<string, unknown> {
  return {
    id: subscription.id,
    resource: subscription.resource,
    applicationId: appId,
    changeType: subscription.changeType,
    clientState: subscription.clientState,
    notificationUrl: subscription.notificationUrl,
    notificationQueryOptions: null,
    lifecycleNotificationUrl: subscription.lifecycleNotificationUrl ?? null,
    expirationDateTime: new Date(subscription.expiresAt).toISOString().replace('Z', '0000Z'),
    creatorId: appId,
    includeResourceData: null,
    latestSupportedTlsVersion: subscription.latestSupportedTlsVersion,
    encryptionCertificate: null,
    encryptionCertificateId: null,
    notificationUrlAppId: null,
  };
}

function context(call: Call): string {
  return `${call.origin}/v1.0/$metadata#subscriptions`;
}

function answer(call: Call, rooms: Rooms, subscription: Subscription): Answer {
  return ok({ '@odata.context': `${context(call)}/$entity`, ...shape(subscription, rooms.appId) });
}

/** A list shows no secrets. */
function list(call: Call, rooms: Rooms): Answer {
  only(call.query, [], 'InvalidRequest');
  const value = rooms.subscriptions.all().map((one) => ({ ...shape(one, rooms.appId), clientState: null }));
  return ok({ '@odata.context': context(call), value });
}

/**
 * The one relaxation of this simulator: a notification URL on a loopback address may be plain http, which
 * Microsoft would refuse.
 */
function withoutLoopback(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const copy: Record<string, unknown> = { ...body };
  for (const name of ['notificationUrl', 'lifecycleNotificationUrl']) {
    const url = copy[name];
    if (typeof url === 'string')
      copy[name] = url.replace(/^http:\/\/(?=(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])[:/])/, 'https://');
  }
  return copy;
}

async function create(call: Call, rooms: Rooms): Promise<Answer> {
  demandShape('subscriptionCreateRequest', withoutLoopback(call.body), 'InvalidRequest');
  const request = {
    ...(call.body as SubscriptionRequest),
    immutableIds: isAboutContacts(call) && wantsImmutable(call),
  };
  demandReachable(request.resource, rooms);
  rooms.subscriptions.demandAcceptable(request);
  await demandHandshake(request.notificationUrl, rooms);
  if (request.lifecycleNotificationUrl !== undefined)
    await demandHandshake(request.lifecycleNotificationUrl, rooms);
  rooms.subscriptions.demandAcceptable(request);
  const subscription = rooms.subscriptions.create(request);
  rooms.notifier.challengeRegularly(subscription);
  const body = (answer(call, rooms, subscription) as { body: unknown }).body;
  return withPreference(created(body), subscription);
}

function isAboutContacts(call: Call): boolean {
  return targetOf(text(call.body, 'resource') ?? '')?.collection === 'contacts';
}

async function renew(call: Call, rooms: Rooms): Promise<Answer> {
  const subscription = find(call, rooms);
  demandShape('subscriptionUpdateRequest', withoutLoopback(call.body), 'InvalidRequest');
  const body = call.body as { expirationDateTime?: string; notificationUrl?: string };
  demandReachable(subscription.resource, rooms);
  if (body.notificationUrl !== undefined) {
    await demandHandshake(body.notificationUrl, rooms);
    subscription.notificationUrl = body.notificationUrl;
  }
  if (body.expirationDateTime !== undefined) rooms.subscriptions.renew(subscription, body.expirationDateTime);
  return answer(call, rooms, subscription);
}

function reauthorize(call: Call, rooms: Rooms): Answer {
  rooms.subscriptions.reauthorize(find(call, rooms));
  return { status: rooms.switches.reauthorizeStatus };
}

function remove(call: Call, rooms: Rooms): Answer {
  rooms.subscriptions.delete(find(call, rooms).id);
  return noContent;
}
