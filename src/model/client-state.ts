import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

/**
 * The secret of a subscription, derived instead of stored: `<kind>.<resource>.<nonce>.<MAC>`. Whoever holds the key
 * can tell from a post alone that it is ours and what for, so the receiver needs neither ledger nor directory.
 * Kind and resource are readable because lifecycle posts name no resource.
 */
export interface ClientState {
  readonly kind: 'notification';
  readonly resource: SubscribedResource;
  /** Letters, digits, `.`, `_` and `-`; at most 60. */
  readonly nonce: string;
}

type SubscribedResource = 'users' | 'groups';

export interface ClientStateKeys {
  readonly current: Uint8Array;
  /** Still good, so that a key can be changed while subscriptions live. */
  readonly previous?: Uint8Array;
}

/** Microsoft Graph, resource type subscription: `clientState` has at most 128 characters. */
export const LONGEST_CLIENT_STATE = 128;
/** HMAC-SHA256 in base64url. */
const MAC_LENGTH = 43;
const PATTERN = /^notification\.(users|groups)\.([\w.-]{1,60})$/;

/** At most 128 characters. Throws a RangeError for a nonce that would not fit. */
export function makeClientState(state: ClientState & { tenantId: string; key: Uint8Array }): string {
  const head = `${state.kind}.${state.resource}.${state.nonce}`;
  if (!PATTERN.test(head))
    throw new RangeError('the nonce of a client state has 1 to 60 letters, digits, . _ -');
  return `${head}.${macOf(head, state.tenantId, state.key)}`;
}

/** Tells who a presented client state was made for; null when it was not made for this tenant under our keys. */
export type VerifyClientState = (presented: string, tenantId: string) => ClientState | null;

/**
 * Constant-time in the secret part. The MACs of up to `remember` states that proved genuine are kept, so a flood
 * of forged ones costs time but never memory.
 */
export function clientStateVerifier(keys: ClientStateKeys, remember = 1_000): VerifyClientState {
  const genuine = new Map<string, Expectation>();
  // As a KeyObject: handing the bytes over each time costs 10 us instead of 2.
  const live = [keys.current, ...(keys.previous === undefined ? [] : [keys.previous])].map((key) =>
    createSecretKey(key),
  );
  return (presented, tenantId) => {
    if (presented.length > LONGEST_CLIENT_STATE) return null;
    const head = presented.slice(0, -MAC_LENGTH - 1);
    const name = `${tenantId}|${head}`;
    const known = genuine.get(name);
    const expectation = known ?? expect(head, tenantId, live);
    if (expectation === null || !matches(presented, expectation)) return null;
    if (known === undefined) {
      if (genuine.size >= remember) genuine.clear();
      genuine.set(name, expectation);
    }
    return expectation.state;
  };
}

interface Expectation {
  readonly state: ClientState;
  /** What the whole text must be, under each key. */
  readonly texts: readonly Buffer[];
}

function expect(head: string, tenantId: string, keys: readonly KeyObject[]): Expectation | null {
  const parts = PATTERN.exec(head);
  if (parts === null) return null;
  const resource: SubscribedResource = parts[1] === 'users' ? 'users' : 'groups';
  return {
    state: { kind: 'notification', resource, nonce: parts[2] ?? '' },
    texts: keys.map((key) => Buffer.from(`${head}.${macOf(head, tenantId, key)}`)),
  };
}

function matches(presented: string, { texts }: Expectation): boolean {
  const bytes = Buffer.from(presented);
  return texts.some((text) => text.length === bytes.length && timingSafeEqual(text, bytes));
}

/** The purpose comes first, so that this MAC can be taken for no other one under the same key. */
function macOf(head: string, tenantId: string, key: Uint8Array | KeyObject): string {
  const text = `entra-contact-sync client state\n${tenantId.toLowerCase()}\n${head}`;
  return createHmac('sha256', key).update(text).digest('base64url');
}
