import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { readConfig } from '../../src/kit/config/config.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { databasePassword } from '../../src/run/database-access.ts';
import { openLedgerOf } from '../../src/run/stores.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { MINIMAL } from '../kit/config-fixture.ts';
import { startPostgres, type PostgresServer } from '../postgres/start.ts';
import { hostIdentity } from '../tenant/login/host-identity.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

const clock = new VirtualClock();

/** A host without an identity. */
const nobody: Transport = async () => ({
  status: 400,
  headers: {},
  body: '{"error":"invalid_request","error_description":"Identity not found"}',
});

/** A configuration whose database is asked with the identity of the host. */
function configOf(url: string) {
  return readConfig(
    `${MINIMAL}queue: { serviceBus: { namespace: contoso-sync.servicebus.windows.net } }
ledger: { postgres: { url: env:LEDGER_URL, credential: { managedIdentity: {} } } }
deployment: production
fingerprintKey: env:PRINT_KEY
`,
    {
      file: '/etc/contact-sync/contact-sync.yaml',
      env: { LEDGER_URL: url, PRINT_KEY: 'p'.repeat(40) },
      readFile: () => '',
      secrets: ['ledger'],
    },
  );
}

test('each new connection to the database brings a token of the host in place of a password', async () => {
  const address = new URL(await server.database());
  const { password } = address;
  address.password = '';
  address.searchParams.set('sslmode', 'disable');
  const asked: string[] = [];
  // What this server takes for a password, the database of Azure takes for a token.
  const issue = (resource: string): string => {
    asked.push(resource);
    return password;
  };
  const transport = hostIdentity({ tokens: { issue }, now: () => clock.now() });
  const ledger = await openLedgerOf(configOf(address.href), { transport, clock, log: silentLog });
  expect(await ledger.counters.read('anything')).toBe(0);
  await ledger.close();
  expect(new Set(asked)).toEqual(new Set(['https://ossrdbms-aad.database.windows.net']));
});

test('a host that has no identity is named as what stands in the way', async () => {
  const address = new URL(await server.database());
  address.password = '';
  address.searchParams.set('sslmode', 'disable');
  const opening = openLedgerOf(configOf(address.href), {
    transport: nobody,
    clock: systemClock,
    log: silentLog,
  });
  await expect(opening).rejects.toThrow(/identity/i);
});

test.each([
  ['contoso.postgres.database.azure.com', 'https://ossrdbms-aad.database.windows.net'],
  ['contoso.postgres.database.usgovcloudapi.net', 'https://ossrdbms-aad.database.usgovcloudapi.net'],
  ['contoso.postgres.database.chinacloudapi.cn', 'https://ossrdbms-aad.database.chinacloudapi.cn'],
])('a token for %s is one for %s', async (host, resource) => {
  const asked: string[] = [];
  const issue = (audience: string): string => {
    asked.push(audience);
    return 'a token';
  };
  const { ledger } = configOf(`postgres://sync@${host}/sync`);
  if (ledger.kind !== 'postgres') throw new Error('a configuration without a database');
  const transport = hostIdentity({ tokens: { issue }, now: () => clock.now() });
  expect(await databasePassword(ledger, { transport, clock })?.()).toBe('a token');
  expect(asked).toEqual([resource]);
});
