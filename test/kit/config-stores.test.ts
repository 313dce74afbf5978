import { describe, expect, test } from 'vitest';
import type { SecretPart } from '../../src/kit/config/config.ts';
import { certificatePem, MINIMAL, problemsOf, read, READING } from './config-fixture.ts';

const SHARED = `queue: { serviceBus: { namespace: contoso-sync.servicebus.windows.net } }
ledger: { postgres: { url: env:LEDGER_URL } }
deployment: production
fingerprintKey: env:PRINT_KEY
`;
const whole = (changes: readonly [string, string][] = []): string =>
  changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`Not in the text: ${from}`);
    return text.replace(from, to);
  }, MINIMAL + SHARED);
const ENV = { LEDGER_URL: 'postgres://ledger', PRINT_KEY: 'p'.repeat(40) };

describe('queue and ledger that processes share', () => {
  test('take a namespace and an address, and the rest has defaults', () => {
    expect(read(whole())).toMatchObject({
      queue: {
        kind: 'serviceBus',
        access: {
          kind: 'identity',
          namespace: 'contoso-sync.servicebus.windows.net',
          identity: { kind: 'managedIdentity', clientId: null, endpoint: { kind: 'imds' } },
        },
        buckets: 64,
        changes: 'changes',
        writes: 'writes',
      },
      ledger: { kind: 'postgres', pool: 10, ca: null, statementTimeoutMs: 30_000 },
      deployment: 'production',
    });
  });

  test('may be asked with a federated token, or a connection string', () => {
    const credential =
      '{ workloadIdentity: { tokenFile: ./token, clientId: c0a8f3d2-6f57-4b8e-8a3c-94f1f0b7e822 } }';
    const federated = whole([['windows.net }', `windows.net, credential: ${credential} }`]]);
    const env = { AZURE_TENANT_ID: '7b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a11' };
    expect(read(federated, { secrets: ['queue'], env, readFile: () => 'the token\n' }).queue).toMatchObject({
      access: { identity: { kind: 'workloadIdentity', tenantId: env.AZURE_TENANT_ID } },
    });
    const emulator = whole([['namespace: contoso-sync.servicebus.windows.net', 'connectionString: env:BUS']]);
    const { queue } = read(emulator, { secrets: ['queue'], env: { BUS: 'Endpoint=sb://127.0.0.1' } });
    const access = queue.kind === 'serviceBus' ? queue.access : undefined;
    expect(access?.kind === 'connectionString' ? access.text.text() : '').toBe('Endpoint=sb://127.0.0.1');
  });

  test('the authority of the server is a file beside the configuration', () => {
    const text = whole([
      ['env:LEDGER_URL }', 'env:LEDGER_URL, ca: ./ca.pem, statementTimeout: 5s, pool: 3 }'],
    ]);
    expect(read(text).ledger).toMatchObject({
      ca: '/etc/contact-sync/ca.pem',
      statementTimeoutMs: 5_000,
      pool: 3,
    });
    expect(problemsOf(text, { secrets: ['ledger'], env: ENV })).toEqual([
      expect.stringMatching(/^14 ledger\.postgres\.ca: the file \/etc\/contact-sync\/ca\.pem cannot be read/),
    ]);
  });
});

describe('what makes no sense is refused in one line', () => {
  test.each<[string, [string, string][], string]>([
    [
      'a shared queue without a shared ledger',
      [['ledger: { postgres: { url: env:LEDGER_URL } }\n', '']],
      '13 queue: serviceBus is for several processes, and they take a ledger that all of them reach: ledger: { postgres: ... }',
    ],
    [
      'a shared ledger without a shared queue',
      [['queue: { serviceBus: { namespace: contoso-sync.servicebus.windows.net } }\n', 'queue: sqlite\n']],
      '14 ledger: postgres is for several processes, and they take a queue that all of them reach: queue: { serviceBus: ... }',
    ],
    [
      'no deployment',
      [['deployment: production\n', '']],
      '14 ledger: postgres takes deployment and fingerprintKey in this file: several processes need the same, and no data folder keeps them',
    ],
    [
      'two ways to the bus',
      [['{ namespace', '{ connectionString: env:BUS, namespace']],
      '13 queue: expected one of namespace and connectionString',
    ],
    [
      'no way to the bus',
      [['namespace: contoso-sync.servicebus.windows.net', 'buckets: 8']],
      '13 queue: expected one of namespace and connectionString',
    ],
    [
      'two credentials',
      [
        [
          'namespace: contoso-sync.servicebus.windows.net',
          'connectionString: env:BUS, credential: { managedIdentity: {} }',
        ],
      ],
      '13 queue.serviceBus.credential: a connection string brings its own key: remove one of the two',
    ],
    [
      'one queue for both',
      [['windows.net }', 'windows.net, changes: writes }']],
      '13 queue: changes and writes must be two queues',
    ],
    [
      'a misspelt driver',
      [['serviceBus', 'servicebus']],
      '13 queue.servicebus: unknown key: did you mean serviceBus?',
    ],
    [
      'a misspelt key',
      [['{ url', '{ pol: 7, url']],
      '14 ledger.postgres.pol: unknown key: did you mean pool?',
    ],
    [
      'a secret in the file',
      [['env:LEDGER_URL', 'postgres://me:pw@host/db']],
      '14 ledger.postgres.url: expected a reference, env:NAME or file:PATH, never the secret itself',
    ],
  ])('%s', (_what, changes, problem) => {
    expect(problemsOf(whole(changes))).toEqual([problem]);
  });
});

test('of the secrets only those of the parts that are asked for need to be there', async () => {
  const text = `${whole()}notifications: { publicUrl: "https://sync.contoso.com", clientStateKey: env:STATE_KEY }\n`;
  const host = { IDENTITY_ENDPOINT: 'http://127.0.0.1/token' };
  const missing = (...secrets: readonly SecretPart[]) => problemsOf(text, { secrets, env: host });
  expect(missing()).toEqual([]);
  expect(missing('tenants')).toEqual([expect.stringContaining('5 tenants.contoso.credential.certificate')]);
  expect(missing('clientState')).toEqual([expect.stringContaining('17 notifications.clientStateKey')]);
  expect(missing('fingerprints')).toEqual([expect.stringContaining('16 fingerprintKey')]);
  expect(missing('queue')).toEqual([expect.stringContaining('13 queue')]);
  expect(missing('ledger')).toEqual([expect.stringContaining('14 ledger.postgres.url')]);
  const { cert, key } = await certificatePem();
  const readFile = (name: string): string =>
    name === '/etc/contact-sync/contoso.pem' ? cert + key : READING.readFile(name);
  const config = read(text, { secrets: ['tenants', 'ledger'], env: ENV, readFile });
  expect(config.ledger.kind === 'postgres' ? config.ledger.url.text() : '').toBe('postgres://ledger');
  expect(() => config.fingerprintKey?.bytes()).toThrow('env:PRINT_KEY was not read');
});
