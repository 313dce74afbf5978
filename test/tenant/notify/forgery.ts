import { uuid, type Random } from '../../../src/kit/random.ts';
import { notificationJson, type Occurrence } from './wire.ts';
import type { Subscription } from './subscription.ts';

export const forgeryKinds = [
  'wrong-client-state',
  'no-client-state',
  'long-client-state',
  'array-client-state',
  'object-client-state',
  'unknown-subscription',
  'wrong-tenant',
  'wrong-resource',
] as const;

export type ForgeryKind = (typeof forgeryKinds)[number];

/**
 * A notification that Microsoft never sent. It names an object that no genuine one ever names, so that a client
 * that falls for it gives itself away by asking for it. `subscription` is a live one that the forger knows of;
 * the genuine secret appears only where it must not count: for another tenant, or another resource.
 */
export function forge(
  kind: ForgeryKind,
  on: { random: Random; tenantId: string; subscription: Subscription; occurrence: Occurrence },
): string {
  const { random, tenantId, subscription, occurrence } = on;
  const other: Occurrence['collection'] = occurrence.collection === 'users' ? 'groups' : 'users';
  const genuine = kind === 'wrong-tenant' || kind === 'wrong-resource';
  const forged: Subscription = {
    ...subscription,
    id: kind === 'unknown-subscription' ? uuid(random) : subscription.id,
    clientState: genuine ? subscription.clientState : Buffer.from(random.bytes(48)).toString('base64url'),
  };
  const what = kind === 'wrong-resource' ? { ...occurrence, collection: other } : occurrence;
  const text = notificationJson(
    { tenantId: kind === 'wrong-tenant' ? uuid(random) : tenantId, memberHints: 'flag' },
    forged,
    what,
  );
  return text.replace(
    `"clientState":${JSON.stringify(forged.clientState)}`,
    clientState(kind, forged.clientState),
  );
}

function clientState(kind: ForgeryKind, text: string): string {
  const quoted = JSON.stringify(text);
  if (kind === 'no-client-state') return '"clientState":null';
  if (kind === 'long-client-state') return `"clientState":${JSON.stringify(text.repeat(40))}`;
  if (kind === 'array-client-state') return `"clientState":[${quoted}]`;
  if (kind === 'object-client-state') return `"clientState":{"value":${quoted}}`;
  return `"clientState":${quoted}`;
}
