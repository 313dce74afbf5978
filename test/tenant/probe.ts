import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { mailboxLicense, type User } from './directory/objects.ts';
import type { TenantOptions } from './options.ts';
import { createTenant, type Tenant } from './tenant.ts';

/** A bare client on a virtual clock, for the simulator's own tests: it hides nothing of what it is told. */
export interface Probe {
  readonly tenant: Tenant;
  readonly clock: VirtualClock;
  /** `path` after `/v1.0/`, or a whole link. */
  readonly ask: (method: string, path: string, extra?: Extra) => Promise<Told>;
  readonly batch: (requests: readonly unknown[]) => Promise<Told & { parts: Map<string, Part> }>;
  /** A licensed person. */
  readonly owner: (partial?: Partial<User>) => User;
}

interface Extra {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
  /** `error.code` of a refusal. */
  readonly code: unknown;
  /** `value` of a page. */
  readonly value: Record<string, unknown>[];
  readonly nextLink: string | undefined;
  readonly deltaLink: string | undefined;
}

interface Part {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
}

export const graph = 'https://graph.microsoft.com';

export function probe(options: Partial<TenantOptions> & { seed?: number } = {}): Probe {
  const clock = new VirtualClock();
  const tenant = createTenant({ clock, random: seededRandom(options.seed ?? 1), auth: 'open', ...options });
  const ask: Probe['ask'] = async (method, path, extra = {}) => {
    const response = await tenant.transport({
      method,
      url: path.startsWith('https://') ? path : `${graph}/v1.0/${path}`,
      headers: {
        ...(extra.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...extra.headers,
      },
      ...(extra.body === undefined ? {} : { body: JSON.stringify(extra.body) }),
    });
    return told(response);
  };
  const batch: Probe['batch'] = async (requests) => {
    const answer = await ask('POST', '$batch', { body: { requests } });
    const parts = (answer.body['responses'] ?? []) as (Part & { id: string })[];
    return { ...answer, parts: new Map(parts.map((part) => [part.id, part])) };
  };
  const owner: Probe['owner'] = (partial = {}) =>
    tenant.directory.addUser({ assignedLicenses: [mailboxLicense], ...partial });
  return { tenant, clock, ask, batch, owner };
}

function told(response: { status: number; headers: Readonly<Record<string, string>>; body: string }): Told {
  const body = (response.body === '' ? {} : JSON.parse(response.body)) as Record<string, unknown>;
  const error = body['error'] as { code?: unknown } | undefined;
  return {
    status: response.status,
    headers: response.headers,
    body,
    code: error?.code,
    value: (body['value'] ?? []) as Record<string, unknown>[],
    nextLink: body['@odata.nextLink'] as string | undefined,
    deltaLink: body['@odata.deltaLink'] as string | undefined,
  };
}

/** Marks and extension of a managed contact, as a client would send them. */
export function marks(sourceId: string, deployment: string = 'd1'): Record<string, unknown> {
  return {
    extensions: [
      {
        '@odata.type': 'microsoft.graph.openTypeExtension',
        extensionName: 'app.entra-contact-sync',
        sourceId,
        deployment,
        route: 'staff',
      },
    ],
    singleValueExtendedProperties: [{ id: markId, value: `${deployment}/staff/${sourceId}` }],
  };
}

export const markId = 'String {6f1f7d0c-3f0a-4c43-9a57-2f8c0f6b3d11} Name EntraContactSyncMark';
export const immutable = { Prefer: 'IdType="ImmutableId"' };

/** A folder of a mailbox, made by the client; returns the path of its contacts. */
export async function makeFolder(
  on: Probe,
  userId: string,
  displayName: string = 'Company Directory',
): Promise<string> {
  const answer = await on.ask('POST', `users/${userId}/contactFolders`, { body: { displayName } });
  return `users/${userId}/contactFolders/${encodeURIComponent(String(answer.body['id']))}/contacts`;
}
