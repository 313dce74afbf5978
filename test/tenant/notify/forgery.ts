import { uuid, type Random } from '../../../src/kit/random.ts';
import { FIRST_SEQUENCE, notificationJson, type Occurrence } from './wire.ts';
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
  const genuine = kind === 'wrong-tenant' || kind === 'wrong-resource';
  const forged: Subscription = {
    ...subscription,
    id: kind === 'unknown-subscription' ? uuid(random) : subscription.id,
    clientState: genuine ? subscription.clientState : Buffer.from(random.bytes(48)).toString('base64url'),
  };
  const what = kind === 'wrong-resource' ? misplaced(occurrence) : occurrence;
  const text = notificationJson(
    {
      tenantId: kind === 'wrong-tenant' ? uuid(random) : tenantId,
      memberHints: 'flag',
      contactSpelling: 'capitals',
    },
    forged,
    what,
  );
  return text.replace(
    `"clientState":${JSON.stringify(forged.clientState)}`,
    clientState(kind, forged.clientState),
  );
}

/** The same object, as if it were another resource than the secret was made for. */
function misplaced(occurrence: Occurrence): Occurrence {
  if (occurrence.collection !== 'contacts')
    return { ...occurrence, collection: occurrence.collection === 'users' ? 'groups' : 'users' };
  const { userId: id } = occurrence;
  return { collection: 'users', id, changeType: 'updated', members: [], sequence: FIRST_SEQUENCE, at: 0 };
}

function clientState(kind: ForgeryKind, text: string): string {
  const quoted = JSON.stringify(text);
  if (kind === 'no-client-state') return '"clientState":null';
  if (kind === 'long-client-state') return `"clientState":${JSON.stringify(text.repeat(40))}`;
  if (kind === 'array-client-state') return `"clientState":[${quoted}]`;
  if (kind === 'object-client-state') return `"clientState":{"value":${quoted}}`;
  return `"clientState":${quoted}`;
}
