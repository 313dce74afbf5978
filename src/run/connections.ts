import { createTokenSource, type TokenSource } from '../graph/token.ts';
import { originsOf } from '../graph/clouds.ts';
import { createPwshExchange } from '../exchange/pwsh.ts';
import { createRestExchange } from '../exchange/rest.ts';
import type { ExchangeTransport } from '../exchange/transport.ts';
import type { WireOptions } from '../exchange/wire.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { routesOf } from '../jobs/routes.ts';
import { Answers } from '../kit/answers.ts';
import type { Config, TenantConfig } from '../kit/config/config.ts';
import type { ExchangeConfig } from '../kit/config/exchange.ts';
import { converse } from '../kit/converse.ts';
import { toldOf } from '../kit/told.ts';
import { exchangeOf } from '../model/exchange-place.ts';
import type { Route } from '../model/route.ts';
import type { Parts } from './assemble.ts';
import { connectBooks } from './connect-book.ts';
import { connectExchange } from './connect-exchange.ts';
import { connectTenant, wantedOf, type Connection } from './connect.ts';
import { credentialOf } from './credentials.ts';
import type { Prints } from './prints.ts';
import type { NoteReads } from './recording.ts';
import type { Surroundings } from './service.ts';
import { certificateEnds } from './tenant-notes.ts';

export interface Connecting {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly deployment: string;
  readonly ledger: Ledger;
  readonly halts: Parts['halts'];
  readonly prints: Prints;
  /** What is read of contacts that mailboxes share, by book; nobody is told unless given. */
  readonly noteReads?: NoteReads;
}

/**
 * Everything that can be read or written, by key: each tenant, and Exchange of those that say how. Also tenants without a job:
 * what a withdrawn one left there has to be taken back.
 */
export function connect(connecting: Connecting): Map<string, Connection> {
  const { config, surroundings, deployment, halts } = connecting;
  const routes = config.jobs.flatMap(routesOf);
  const publicUrl = config.notifications?.publicUrl ?? '';
  const connections = new Map<string, Connection>();
  for (const tenant of config.tenants) {
    const connection = connectTenant({
      ...surroundings,
      ...config,
      cloud: tenant.cloud,
      tokens: tokensOf(connecting, tenant),
      ...wantedOf(routes, tenant.id),
      publicUrl,
      deployment,
      admits: (operation) => halts.admits(operation),
      log: surroundings.log,
    });
    connections.set(tenant.id, connection);
    const exchange = exchangeFor(connecting, tenant, { routes, connection });
    if (exchange) connections.set(exchangeOf(tenant.id), exchange);
    const { ledger, prints, noteReads } = connecting;
    const books = connectBooks({
      ...surroundings,
      ledger,
      prints,
      routes,
      tenant: tenant.id,
      connection,
      ...(noteReads ? { noteReads } : {}),
    });
    for (const [source, book] of books) connections.set(source, book);
  }
  return connections;
}

/** Ends what they have started. */
export async function disconnect(connections: ReadonlyMap<string, Connection>): Promise<void> {
  for (const connection of connections.values()) await connection.close();
}

function exchangeFor(
  connecting: Connecting,
  tenant: TenantConfig,
  { routes, connection }: { readonly routes: readonly Route[]; readonly connection: Connection },
): Connection | null {
  const { config, surroundings, deployment, halts } = connecting;
  const origin = originsOf(tenant.cloud).exchange;
  if (tenant.exchange === null || origin === null) return null;
  const { mark } = tenant.exchange;
  const answers = new Answers();
  const transport = transportOf(tenant, tenant.exchange, {
    ...surroundings,
    answers,
    tokens: tokensOf(connecting, tenant, origin),
    origin,
    tenantId: tenant.tenantId,
  });
  return connectExchange({
    transport,
    answers,
    tenant,
    mark,
    deployment,
    routes,
    tenantIds: new Map(config.tenants.map((one) => [one.id, one.tenantId])),
    owners: connection.owners,
    clock: surroundings.clock,
    admits: (operation) => halts.admits(operation),
  });
}

/** By the driver that the configuration names. */
export function transportOf(
  { clientId }: Pick<TenantConfig, 'clientId'>,
  { driver, organization, concurrency }: ExchangeConfig,
  wire: WireOptions,
): ExchangeTransport {
  if (driver === 'rest') return createRestExchange({ ...wire, concurrency });
  const program = process.platform === 'win32' ? 'pwsh.exe' : 'pwsh';
  return createPwshExchange({
    ...wire,
    program,
    converse,
    appId: clientId,
    organization: organization ?? '',
  });
}

/** `resource`: what the tokens are for, Graph unless given. */
function tokensOf(
  { surroundings, ledger }: Connecting,
  tenant: TenantConfig,
  resource?: string,
): TokenSource {
  return createTokenSource({
    ...surroundings,
    ...tenant,
    ...(resource === undefined ? {} : { resource }),
    credential: credentialOf(tenant.credential, surroundings),
    onCertificate: (ends) => {
      ledger.counters.set(certificateEnds(tenant.id), ends).catch((error: unknown) => {
        surroundings.log.tell('certificate-end-unnoted', { error: toldOf(error) });
      });
    },
  });
}
