import type { Cause, Change } from '../src/model/change.ts';
import type { ClientState, VerifyClientState } from '../src/model/client-state.ts';
import { ownerOfContacts } from '../src/model/contact-path.ts';

/** The tenants we serve: tenant id (lower case) to what the configuration calls it. */
export type Tenants = ReadonlyMap<string, { readonly key: string }>;

/** What one item of a post comes to. A forged one has no effect, and its sender is not told. */
type Reading = Change | 'forged' | 'malformed' | 'ignored';

export type ReadItem = (item: unknown, at: number) => Reading;

export interface Authority {
  readonly tenants: Tenants;
  readonly verify: VerifyClientState;
}

type Fields = Readonly<Record<string, unknown>>;

interface Genuine {
  readonly fields: Fields;
  /** Configuration key of the tenant. */
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly state: ClientState;
}

/** Microsoft Graph, changeNotification: what a user, group or contact did is not said, only which one. */
export function notificationReader(authority: Authority): ReadItem {
  return (item, at) => {
    const genuine = authenticate(item, authority);
    if (typeof genuine === 'string') return genuine;
    const object = objectOf(genuine.fields);
    if (object === null) return 'malformed';
    const found = objectFor(genuine.state, object);
    if (typeof found === 'string') return found;
    return { v: 1, ...found, tenant: genuine.tenant, causes: ['notification'], at };
  };
}

/** What is to be looked at; a post that is about anything else than its secret was made for is none of Graph's. */
function objectFor(
  state: ClientState,
  { collection, id }: Named,
): Pick<Change, 'kind' | 'id'> | 'forged' | 'malformed' {
  if (collection !== state.resource) return 'forged';
  if (state.resource === 'contacts') {
    // Which contact does not matter: the mailbox is asked what changed. Its owner may be named otherwise than by object id.
    return id === null || id === state.mailbox ? { kind: 'contacts', id: state.mailbox } : 'forged';
  }
  if (id === null) return 'malformed';
  return { kind: state.resource === 'users' ? 'user' : 'group', id };
}

/** Lifecycle items name no resource: the subscription itself is looked at. */
export function lifecycleReader(authority: Authority): ReadItem {
  return (item, at) => {
    const genuine = authenticate(item, authority);
    if (typeof genuine === 'string') return genuine;
    const { fields, tenant, subscriptionId } = genuine;
    const event = fields['lifecycleEvent'];
    if (typeof event !== 'string') return 'malformed';
    if (!isLifecycleEvent(event)) return 'ignored';
    return { v: 1, kind: 'subscription', tenant, id: subscriptionId, causes: [event], at };
  };
}

function authenticate(item: unknown, { tenants, verify }: Authority): Genuine | 'forged' | 'malformed' {
  if (!isRecord(item)) return 'malformed';
  const tenantId = guidOf(item['tenantId']);
  const subscriptionId = guidOf(item['subscriptionId']);
  if (tenantId === null || subscriptionId === null) return 'malformed';
  const presented = item['clientState'];
  const tenant = tenants.get(tenantId);
  if (typeof presented !== 'string' || tenant === undefined) return 'forged';
  const state = verify(presented, tenantId);
  return state === null ? 'forged' : { fields: item, tenant: tenant.key, subscriptionId, state };
}

interface Named {
  /** Null: nothing that anybody subscribes to. */
  readonly collection: ClientState['resource'] | null;
  /** Of contacts the id of the mailbox; null: none was named, or not by an object id. */
  readonly id: string | null;
}

/**
 * `Users/<id>`, or `Users/<id>/Contacts/<item>`, in any case and with or without a slash in front; recorded posts about the
 * directory repeat the id in `resourceData`. Null: there is no resource.
 */
function objectOf(fields: Fields): Named | null {
  const resource = fields['resource'];
  if (typeof resource !== 'string') return null;
  const owner = ownerOfContacts(resource);
  if (owner !== null) return { collection: 'contacts', id: guidOf(owner) };
  const start = resource.startsWith('/') ? 1 : 0;
  const slash = resource.indexOf('/', start);
  const word = resource.slice(start, slash === -1 ? undefined : slash).toLowerCase();
  const collection = word === 'users' || word === 'groups' ? word : null;
  if (slash !== -1) return { collection, id: guidOf(resource.slice(slash + 1)) };
  const data = fields['resourceData'];
  return { collection, id: isRecord(data) ? guidOf(data['id']) : null };
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** In lower case: Graph does not promise one spelling, and the queue's keys must not depend on it. */
function guidOf(value: unknown): string | null {
  return typeof value === 'string' && GUID.test(value) ? value.toLowerCase() : null;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLifecycleEvent(
  event: string,
): event is Cause & ('reauthorizationRequired' | 'subscriptionRemoved' | 'missed') {
  return event === 'reauthorizationRequired' || event === 'subscriptionRemoved' || event === 'missed';
}
