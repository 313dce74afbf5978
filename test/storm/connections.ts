import type { Halts } from '../../src/engine/halts.ts';
import { createRestExchange } from '../../src/exchange/rest.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { exchangeOf } from '../../src/model/exchange-place.ts';
import type { Route } from '../../src/model/route.ts';
import { connectExchange } from '../../src/run/connect-exchange.ts';
import { connectTenant, wantedOf, type Connection } from '../../src/run/connect.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Life } from './gate.ts';

export const PUBLIC_URL = 'https://sync.storm.example';
const DEPLOYMENT = 'storm';

export interface Connecting {
  readonly tenant: Tenant;
  /** In whose Exchange people are shown; null: nowhere. */
  readonly partner: Tenant | null;
  readonly routes: readonly Route[];
  readonly halts: Halts;
  readonly life: Life;
  readonly random: Random;
  /** What a broken rule does to the wire. */
  readonly onWire: (transport: Transport) => Transport;
}

/** Everything that can be read or written, by key, as `src/run` connects it. */
export function connectAll(connecting: Connecting): ReadonlyMap<string, Connection> {
  const { tenant, partner } = connecting;
  const contoso = ['contoso', connectOne(connecting, 'contoso', tenant)] as const;
  if (partner === null) return new Map([contoso]);
  const fabrikam = connectOne(connecting, 'fabrikam', partner);
  return new Map([
    contoso,
    ['fabrikam', fabrikam],
    [exchangeOf('fabrikam'), exchangeFor(connecting, partner, fabrikam)],
  ]);
}

function connectOne(
  { routes, halts, life, random, onWire }: Connecting,
  key: string,
  tenant: Tenant,
): Connection {
  return connectTenant({
    admits: (operation) => halts.admits(operation),
    cloud:
      key === 'contoso'
        ? 'global'
        : { login: 'https://login.fabrikam.example', graph: FABRIKAM, exchange: null },
    limits: { concurrency: 8, requestsPer10s: 8_000, inlineExtensions: 'unknown' },
    policy: 'economy',
    marks: 'both',
    removal: 'permanent',
    publicUrl: PUBLIC_URL,
    deployment: DEPLOYMENT,
    tokens: freshTokens(tenant),
    ...wantedOf(routes, key),
    transport: life.guardCall(onWire(tenant.transport)),
    clock: life.clock,
    random,
    log: silentLog,
  });
}

const FABRIKAM = 'https://graph.fabrikam.example';

function exchangeFor(
  { tenant, routes, halts, life, random, onWire }: Connecting,
  partner: Tenant,
  { owners }: Connection,
): Connection {
  return connectExchange({
    answers: { all: () => [] },
    transport: createRestExchange({
      origin: 'https://outlook.office365.com',
      tenantId: partner.tenantId,
      tokens: freshTokens(partner),
      transport: life.guardCall(onWire(partner.transport)),
      clock: life.clock,
      random,
      log: silentLog,
    }),
    tenant: { id: 'fabrikam', tenantId: partner.tenantId },
    mark: 'CustomAttribute15',
    deployment: DEPLOYMENT,
    routes,
    tenantIds: new Map([
      ['contoso', tenant.tenantId],
      ['fabrikam', partner.tenantId],
    ]),
    owners,
    clock: life.clock,
    admits: (operation) => halts.admits(operation),
  });
}

function freshTokens(tenant: Tenant): { token: (refused?: unknown) => Promise<string> } {
  let token: string | null = null;
  return {
    token: async (refused) => {
      if (refused !== undefined || token === null) token = tenant.issueToken();
      return token;
    },
  };
}
