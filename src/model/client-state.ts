import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

/**
 * The secret of a subscription, derived instead of stored: `<kind>.<resource>.<nonce>.<MAC>`, of contacts
 * `<kind>.contacts.<mailbox>.<nonce>.<MAC>`. Whoever holds the key can tell from a post alone that it is ours and what for,
 * so the receiver needs neither ledger nor directory. Kind and resource are readable because lifecycle posts name no resource.
 */
export type ClientState = Subject & {
  readonly kind: 'notification';
  /** Letters, digits, `.`, `_` and `-`; at most 60, of contacts at most 39. */
  readonly nonce: string;
};

/** What a subscription is about. */
export type Subject =
  | { readonly resource: 'users' | 'groups' }
  | {
      readonly resource: 'contacts';
      /** Object id of the one whose mailbox it is; in lower case when it was read. */
      readonly mailbox: string;
    };

export interface ClientStateKeys {
  readonly current: Uint8Array;
  /** Still good, so that a key can be changed while subscriptions live. */
  readonly previous?: Uint8Array;
}

/** Microsoft Graph, resource type subscription: `clientState` has at most 128 characters. */
export const LONGEST_CLIENT_STATE = 128;
/** HMAC-SHA256 in base64url. */
const MAC_LENGTH = 43;
const OF_DIRECTORY = /^notification\.(users|groups)\.([\w.-]{1,60})$/;
/** The 16 bytes of the mailbox's object id in base64url; so much less is left for the nonce. */
const OF_CONTACTS = /^notification\.contacts\.([\w-]{22})\.([\w.-]{1,39})$/;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** At most 128 characters. Throws a RangeError for a nonce that would not fit, or a mailbox that is named by no object id. */
export function makeClientState(state: ClientState & { tenantId: string; key: Uint8Array }): string {
  const subject = state.resource === 'contacts' ? `contacts.${shortened(state.mailbox)}` : state.resource;
  const head = `${state.kind}.${subject}.${state.nonce}`;
  if (read(head) === null)
    throw new RangeError('the nonce of a client state has 1 to 60 (of contacts 39) letters, digits, . _ -');
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
  const state = read(head);
  if (state === null) return null;
  return { state, texts: keys.map((key) => Buffer.from(`${head}.${macOf(head, tenantId, key)}`)) };
}

/** What stands before the MAC. */
function read(head: string): ClientState | null {
  const contacts = OF_CONTACTS.exec(head);
  if (contacts !== null) {
    const mailbox = lengthened(contacts[1] ?? '');
    return { kind: 'notification', resource: 'contacts', mailbox, nonce: contacts[2] ?? '' };
  }
  const parts = OF_DIRECTORY.exec(head);
  if (parts === null) return null;
  const resource = parts[1] === 'users' ? 'users' : 'groups';
  return { kind: 'notification', resource, nonce: parts[2] ?? '' };
}

/** 22 characters in place of 36: the whole has to fit. */
function shortened(id: string): string {
  if (!GUID.test(id)) throw new RangeError('a mailbox is named by the object id of its owner');
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

function lengthened(short: string): string {
  const digits = Buffer.from(short, 'base64url').toString('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
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
