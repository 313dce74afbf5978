import { createGraphClient } from '../../src/graph/client.ts';
import { deltaRound, type DeltaStep } from '../../src/graph/delta.ts';
import { createPacker } from '../../src/graph/packer.ts';
import { readCertificate } from '../../src/graph/certificate.ts';
import { certificateFile } from '../../src/graph/credentials/certificate-file.ts';
import { createTokenSource } from '../../src/graph/token.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { makeAppCertificate } from '../tenant/certificates.ts';
import type { Faults } from '../tenant/faults.ts';
import { createTenant, defaultClientId, defaultTenantId } from '../tenant/tenant.ts';
import { settled } from './batch-server.ts';

/** Passes the handshake of a subscription. */
const receiver: Transport = async ({ url }) => ({
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body: new URL(url).searchParams.get('validationToken') ?? '',
});

/** The whole driver, real msal included, on the simulated tenant in process. */
export async function driverOnTenant(faults: Faults = {}) {
  const app = await makeAppCertificate();
  // msal dates its assertion by the machine's clock, so the virtual one starts there.
  const clock = new VirtualClock({ now: Date.now() });
  const random = seededRandom(11);
  const tenant = createTenant({
    clock,
    random: seededRandom(12),
    auth: 'strict',
    app: { clientId: defaultClientId, certificates: [app.cert] },
    latencyMs: 50,
    deliver: receiver,
    faults,
    switches: { staleMs: 0 },
  });
  const { transport } = tenant;
  const shared = { cloud: 'global', transport, clock, log: silentLog } as const;
  const tokens = createTokenSource({
    ...shared,
    tenantId: defaultTenantId,
    clientId: defaultClientId,
    credential: certificateFile(() => readCertificate(app.pem), silentLog),
  });
  const client = createGraphClient({ ...shared, tokens, random });
  const packer = createPacker({
    client,
    clock,
    random,
    log: silentLog,
    limits: { concurrency: 16, requestsPer10s: 8000 },
  });
  const awaited = async <T>(promise: Promise<T>): Promise<T> => {
    const [result] = await settled(clock, [promise]);
    if (result instanceof Error || result === undefined) throw result ?? new Error('nothing settled');
    return result;
  };
  const round = (start: string): Promise<DeltaStep[]> =>
    awaited(Array.fromAsync(deltaRound({ client, start, priority: 'low', clock, random: seededRandom(2) })));
  return { clock, tenant, client, packer, awaited, round };
}
