import { silentLog } from '../../kit/log.ts';
import type { TenantConfig } from '../../kit/config/config.ts';
import { createGraphClient, type GraphClient } from '../../graph/client.ts';
import { originsOf, type CloudOrigins } from '../../graph/clouds.ts';
import type { AcquiredToken } from '../../graph/credential.ts';
import { classify, faultOf, type GraphAnswer } from '../../graph/faults.ts';
import { texts } from '../../kit/json.ts';
import { readRetryAfter } from '../../kit/retry-after.ts';
import { credentialOf } from '../credentials.ts';
import type { Surroundings } from '../service.ts';
import { NotLookedAt } from './check.ts';

/** One visit to a tenant: one token for all checks, fetched when the first of them asks. */
export interface TenantVisit {
  readonly origins: CloudOrigins;
  readonly client: GraphClient;
  /** `resource`: what the token is for, Graph unless given. Throws the fault of the token endpoint. */
  acquired(resource?: string): Promise<AcquiredToken>;
  /** Graph's, for a check that is about something else. Throws `NotLookedAt` where there is no token. */
  demandToken(): Promise<AcquiredToken>;
  /** Reads. Throws `NotLookedAt` without a token, and the fault of any answer that is not a success. */
  read(url: string, more?: { readonly mailbox?: string; readonly eventual?: true }): Promise<GraphAnswer>;
}

export function visitTenant(
  tenant: TenantConfig,
  { clock, random, transport }: Pick<Surroundings, 'clock' | 'random' | 'transport'>,
): TenantVisit {
  const origins = originsOf(tenant.cloud);
  const pending = new Map<string, Promise<AcquiredToken>>();
  const acquired = (resource = origins.graph): Promise<AcquiredToken> => {
    const known = pending.get(resource);
    if (known !== undefined) return known;
    const asked = Promise.try(() =>
      credentialOf(tenant.credential, { log: silentLog, random }).acquire({
        ...tenant,
        origins,
        resource,
        transport,
        clock,
      }),
    );
    pending.set(resource, asked);
    return asked;
  };
  const client = createGraphClient({
    cloud: tenant.cloud,
    tokens: { token: async () => (await acquired()).token },
    transport,
    clock,
    random,
    log: silentLog,
  });
  const demandToken = async (): Promise<AcquiredToken> => {
    try {
      return await acquired();
    } catch {
      throw new NotLookedAt('there is no token to ask with');
    }
  };
  return {
    origins,
    client,
    acquired,
    demandToken,
    read: async (url, { mailbox, eventual } = {}) => {
      await demandToken();
      const headers = eventual ? { consistencylevel: 'eventual' } : {};
      const answer = await client.send({ method: 'GET', url, headers });
      if (answer.status >= 200 && answer.status < 300) return answer;
      const asked = { method: 'GET', mailbox };
      throw faultOf(classify(answer, asked), { retryAt: readRetryAfter(answer.headers, clock.now()) });
    },
  };
}

/** The application permissions that a token names; null for one that does not let itself be read. */
export function rolesOf(token: string): readonly string[] | null {
  const [, claims] = token.split('.');
  if (claims === undefined) return null;
  try {
    return texts(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')), 'roles');
  } catch {
    return null;
  }
}
