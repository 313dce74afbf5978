import { writeFileSync } from 'node:fs';
import { systemClock } from '../../src/kit/clock.ts';
import type { HttpRequest, HttpResponse } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { makeCertificates } from '../tenant/certificates.ts';
import { contactWrites } from '../tenant/counts.ts';
import { compareMailboxes } from '../tenant/expectation.ts';
import { populate } from '../tenant/population.ts';
import { serveTenant } from '../tenant/serve.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import {
  EXCHANGE_HEADER,
  FOLDER,
  type TenantFigures,
  type TenantQuestion,
  type TenantReady,
} from './protocol.ts';

/** A simulated tenant in a process of its own, over HTTPS: what it costs must not be counted as the service's. */
interface TenantProcess {
  readonly people: number;
  readonly mailboxes: number;
  /** Keeps every batch that wrote contacts, with its answer, so that a bare loop can send the same. */
  readonly record: boolean;
}

interface Exchange {
  readonly body: string;
  readonly response: HttpResponse;
}

async function start(options: TenantProcess): Promise<void> {
  const certificates = await makeCertificates();
  const tenant = createTenant({ clock: systemClock, random: seededRandom(1), switches: { graceMs: 1_000 } });
  tenant.registerCertificate(certificates.app.cert);
  const { source } = populate(tenant, seededRandom(2), { ...options, foreign: 0 });
  const exchanges: Exchange[] = [];
  let replaying = false;
  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const recorded = replaying ? exchanges[Number(request.headers[EXCHANGE_HEADER])] : undefined;
    if (recorded) return recorded.response;
    const response = await tenant.answer(request);
    const { body } = request;
    if (options.record && body !== undefined && isFill(request)) exchanges.push({ body, response });
    return response;
  };
  const served = await serveTenant({ answer }, { tls: certificates.server });
  process.on('message', (question: TenantQuestion) => {
    if (question.ask === 'figures') process.send?.(figures(tenant, source.id));
    else {
      writeFileSync(question.file, exchanges.map(({ body }) => body).join('\n'));
      replaying = true;
      process.send?.(exchanges.length);
    }
  });
  const { tenantId, clientId } = tenant;
  const ready: TenantReady = {
    origin: served.origin,
    tenantId,
    clientId,
    source: source.id,
    ca: certificates.ca,
    app: certificates.app.pem,
  };
  process.send?.(ready);
}

/** A batch of writes to contacts; those that read people or make folders are the service's own business. */
function isFill({ url, body }: HttpRequest): boolean {
  return url.endsWith('/$batch') && body?.includes('/contacts"') === true;
}

function figures(tenant: Tenant, source: string): TenantFigures {
  const job = { sourceGroups: [source], target: 'licensed' as const, folder: FOLDER };
  const { divergences, duplicates } = compareMailboxes(tenant, job);
  return {
    httpRequests: tenant.httpRequests,
    writes: contactWrites(tenant.counts),
    wrong: divergences.length + duplicates,
  };
}

process.on('disconnect', () => process.exit(0));
const [people, mailboxes, record] = process.argv.slice(2);
await start({ people: Number(people), mailboxes: Number(mailboxes), record: record === 'record' });
