import type { Clock } from '../../src/kit/clock.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { readCertificate } from '../../src/graph/certificate.ts';
import { certificateFile } from '../../src/graph/credentials/certificate-file.ts';
import { createSignIn } from '../../src/graph/sign-in.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeAppCertificate, type AppCertificate } from '../tenant/certificates.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import { openDesk, Visitor, type Answer, type Desk } from './desk.ts';

export const SITE = 'https://dashboard.contoso.example';
const HOST = new URL(SITE).host;
const ANSWER = `${SITE}/sign-in/entra/answer`;
/** The cookie of a session there. */
export const SESSION = '__Host-contact-sync-session';

export const ADMIN = 'aaaaaaaa-0000-4000-8000-000000000001';
export const READER = 'aaaaaaaa-0000-4000-8000-000000000002';
export const NOBODY = 'aaaaaaaa-0000-4000-8000-000000000003';
export const BOTH = 'aaaaaaaa-0000-4000-8000-000000000004';

/** A dashboard behind a proxy, and the authority of a tenant in which four people have other roles each. */
export interface EntraDesk extends Desk {
  readonly tenant: Tenant;
  /** While true, nothing reaches the authority from the dashboard. */
  cutOff(isCut: boolean): void;
  /** Somebody whose browser calls the dashboard by its public name. */
  visitor(): Visitor;
}

/** It takes a moment to make, and serves all desks of a file. */
let certificate: Promise<AppCertificate> | undefined;

export async function openEntraDesk(): Promise<EntraDesk> {
  const app = await (certificate ??= makeAppCertificate());
  let tenant: Tenant | undefined;
  let isCut = false;
  const desk = await openDesk({
    publicUrl: SITE,
    sessions: { idleMs: 20 * 60_000, longestMs: 60 * 60_000 },
    entra: (clock) => {
      tenant = tenantWith(app, clock);
      const { transport: reach, tenantId, clientId } = tenant;
      const transport: Transport = (request) =>
        isCut ? Promise.reject(new TypeError('fetch failed')) : reach(request);
      const credential = certificateFile(() => readCertificate(app.pem), silentLog);
      return createSignIn({
        tenantId,
        clientId,
        cloud: 'global',
        credential: () => credential,
        transport,
        clock,
      });
    },
  });
  if (tenant === undefined) throw new Error('The desk asked for no authority.');
  return {
    ...desk,
    tenant,
    cutOff: (cut) => void (isCut = cut),
    visitor: () => visitorOf(desk),
  };
}

/** Somebody whose browser calls the dashboard by its public name. */
export function visitorOf(desk: Desk): Visitor {
  return new Visitor((target, asked = {}) =>
    desk.ask(target, { ...asked, headers: { host: HOST, ...asked.headers } }),
  );
}

function tenantWith(app: AppCertificate, clock: Clock): Tenant {
  const tenant = createTenant({ clock, random: seededRandom(5) });
  tenant.registerCertificate(app.cert);
  tenant.signIns.registerRedirectUri(ANSWER);
  tenant.signIns.assign(ADMIN, ['ContactSync.Admin']);
  tenant.signIns.assign(READER, ['ContactSync.Reader', 'Other.Role']);
  tenant.signIns.assign(NOBODY, ['Other.Role']);
  tenant.signIns.assign(BOTH, ['ContactSync.Reader', 'ContactSync.Admin']);
  return tenant;
}

/** Where the dashboard sends a browser. */
export async function begun(visitor: Visitor): Promise<URL> {
  const { headers } = await visitor.get('/sign-in/entra');
  return new URL(String(headers['location']));
}

/** Picks an account at the authority; returns where that sends the browser back to. */
export async function picked(tenant: Tenant, at: URL, account: string): Promise<URL> {
  const url = new URL(at);
  url.searchParams.set('login_hint', account);
  const { headers } = await tenant.transport({ method: 'GET', url: url.href, headers: {} });
  return new URL(headers['location'] ?? '');
}

/** The whole way, to the answer of the dashboard. */
export async function signInAs(desk: EntraDesk, visitor: Visitor, account: string): Promise<Answer> {
  const back = await picked(desk.tenant, await begun(visitor), account);
  return visitor.get(`${back.pathname}${back.search}`);
}
