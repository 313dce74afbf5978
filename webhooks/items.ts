import type { Cause, Change } from '../src/model/change.ts';
import type { ClientState, VerifyClientState } from '../src/model/client-state.ts';

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

/** Microsoft Graph, changeNotification: what a user or group did is not said, only which one. */
export function notificationReader(authority: Authority): ReadItem {
  const causes: readonly Cause[] = ['notification'];
  return (item, at) => {
    const genuine = authenticate(item, authority);
    if (typeof genuine === 'string') return genuine;
    const { fields, tenant, state } = genuine;
    const { collection, id } = objectOf(fields);
    if (collection === null) return 'malformed';
    if (collection !== state.resource) return 'forged';
    if (id === null) return 'malformed';
    return { v: 1, kind: state.resource === 'users' ? 'user' : 'group', tenant, id, causes, at };
  };
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

/** `Users/<id>`, in any case and with or without a slash in front; recorded posts repeat the id in `resourceData`. */
function objectOf(fields: Fields): { collection: string | null; id: string | null } {
  const resource = fields['resource'];
  if (typeof resource !== 'string') return { collection: null, id: null };
  const start = resource.startsWith('/') ? 1 : 0;
  const slash = resource.indexOf('/', start);
  const collection = resource.slice(start, slash === -1 ? undefined : slash).toLowerCase();
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
