import { createMailContacts } from '../../exchange/mail-contacts.ts';
import { CMDLETS, type ExchangeTransport } from '../../exchange/transport.ts';
import { silentLog } from '../../kit/log.ts';
import { Fault } from '../../model/fault.ts';
import { transportOf } from '../connections.ts';
import {
  causeOf,
  failed,
  NotLookedAt,
  well,
  type Check,
  type ExaminedJob,
  type ExaminedTenant,
  type Look,
} from './check.ts';

const GRANT =
  'grant Exchange.ManageAsApp of Office 365 Exchange Online with admin consent, and the role Exchange Recipient Administrator to the service principal (deploy/permissions.md, "Cross-tenant"); a role takes a while to be in force';

/** Exchange of the tenant where people are shown lets the app in, lets it keep mail contacts, and nobody else uses the mark. */
export const exchange: Check<ExaminedJob> = {
  name: 'exchange',
  needs: ['tenants'],
  look: async ({ job, tenants }) => {
    if (job.kind !== 'cross-tenant') return [];
    const { target } = job;
    const there = tenants.get(target.tenant);
    if (there === undefined) throw new NotLookedAt('the tenant has no ids yet');
    await there.visit.demandToken();
    const { mark } = there.tenant.exchange ?? {};
    const transport = mark === undefined ? undefined : transportTo(there);
    if (mark === undefined || transport === undefined)
      return [
        failed({
          found: `nothing says how Exchange of ${target.tenant} is reached`,
          remedy: 'put exchange: {} into that tenant; a cloud of your own takes an exchange host as well',
        }),
      ];
    try {
      return [await lookAt(transport, { mark, tenant: target.tenant })];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [failed({ found: causeOf(error), remedy: remedyOf(error) })];
    } finally {
      await transport.close();
    }
  },
};

function transportTo({ tenant, visit, surroundings }: ExaminedTenant): ExchangeTransport | undefined {
  const origin = visit.origins.exchange;
  if (tenant.exchange === null || origin === null) return undefined;
  return transportOf(tenant, tenant.exchange, {
    ...surroundings,
    log: silentLog,
    tokens: { token: async () => (await visit.acquired(origin)).token },
    origin,
    tenantId: tenant.tenantId,
  });
}

async function lookAt(
  transport: ExchangeTransport,
  { mark, tenant }: { readonly mark: string; readonly tenant: string },
): Promise<Look> {
  const allowed = await transport.cmdlets();
  const missing = CMDLETS.filter((name) => !allowed.has(name));
  if (missing.length > 0)
    return failed({ found: `the app may not run ${missing.join(', ')} in ${tenant}`, remedy: GRANT });
  const strangers = await createMailContacts(transport, mark).strangers({ urgency: 'live' });
  if (strangers.length === 0)
    return well(`${tenant} lets the app keep mail contacts; ${mark} is free for the mark`);
  return failed({
    found: `recipients of ${tenant} use ${mark} for something else (${strangers.length})`,
    remedy: 'choose another attribute with exchange.mark, before any contact bears it',
  });
}

function remedyOf({ kind }: Fault): string {
  if (kind === 'unauthorized' || kind === 'forbidden') return GRANT;
  return kind === 'throttled'
    ? 'Exchange asks to wait: run it again in a few minutes'
    : 'check the network and the proxy to Exchange, then run it again';
}
