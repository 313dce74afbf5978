import type { Operation } from '../engine/ports.ts';
import { createMailContacts } from '../exchange/mail-contacts.ts';
import { createRecent } from '../exchange/recent.ts';
import type { ExchangeTransport } from '../exchange/transport.ts';
import type { Clock } from '../kit/clock.ts';
import { exchangeOf } from '../model/exchange-place.ts';
import type { Route } from '../model/route.ts';
import { createOrganisation } from '../sources/organisation.ts';
import { createMailContactTarget } from '../targets/mail-contacts.ts';
import { NO_THROTTLES, noSubscriptions, type Connection } from './connect.ts';

export interface ExchangeOptions {
  readonly transport: ExchangeTransport;
  /** Where that counts its answers. */
  readonly answers: Connection['answers'];
  /** Of the tenant whose Exchange it is. */
  readonly tenant: { readonly id: string; readonly tenantId: string };
  /** The custom attribute that bears the mark. */
  readonly mark: string;
  readonly deployment: string;
  /** Every configured route; those that show people here are told by their target. */
  readonly routes: readonly Route[];
  /** Entra ids by the tenants' keys. */
  readonly tenantIds: ReadonlyMap<string, string>;
  /** The same tenant's Graph: who has an address. */
  readonly owners: Connection['owners'];
  readonly clock: Clock;
  readonly admits: (operation: Operation) => boolean;
}

/** Exchange Online of a tenant, beside the connection to its mailboxes. */
export function connectExchange(options: ExchangeOptions): Connection {
  const { transport, answers, tenant, mark, deployment, clock, admits, owners } = options;
  const here = options.routes.filter(({ targetTenant }) => targetTenant === exchangeOf(tenant.id));
  const target = createMailContactTarget({
    contacts: createMailContacts(transport, mark),
    transport,
    recent: createRecent(clock),
    deployment,
    organisation: tenant.tenantId.toLowerCase(),
    mark,
    sourceTenants: new Map(
      here.map(({ id, sourceTenant }) => [id, options.tenantIds.get(sourceTenant) ?? '-']),
    ),
    owned: new Map(here.map(({ id, owns }) => [id, owns])),
    owners: (address, { urgency }) => owners(address, urgency),
    admits,
  });
  return {
    source: createOrganisation(tenant.tenantId),
    target,
    book: () => {
      throw new Error('Mail contacts are shared by nobody.');
    },
    owners,
    // Nobody is told of anything here: there is nothing to subscribe to.
    subscriptions: noSubscriptions('Exchange'),
    // What Exchange asked of a process is asked again of the next one, by its first batch.
    throttles: NO_THROTTLES,
    answers,
    restore: () => {},
    // One place is one slab: however many workers there are, one of them has it.
    take: () => {},
    httpRequests: () => transport.requests(),
    writes: () => target.writes(),
    close: () => transport.close(),
  };
}
