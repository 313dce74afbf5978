import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPostgresLedger } from '../../src/ledger/postgres/open.ts';
import { CURRENT_KEY } from '../process/configuration.ts';
import { SHARED_KEYS, sharedEnv } from '../process/shared-stores.ts';
import { freePort } from '../process/free-port.ts';
import { startPostgres, type PostgresServer } from '../postgres/start.ts';
import { startServiceBus, type ServiceBus } from '../service-bus/start.ts';
import { the, troubles, Ward, type Seen } from './ward.ts';

let ward: Ward;
let bus: ServiceBus;
let database: PostgresServer;
let env: Readonly<Record<string, string>>;
let url: string;

beforeAll(async () => {
  const queue = { requiresSession: true };
  bus = await startServiceBus({ queues: { changes: queue, writes: queue } });
  database = await startPostgres();
  ward = await Ward.open();
  url = await database.database();
  env = sharedEnv(bus.connectionString, url);
}, 120_000);
beforeEach(() => ward.configure({ more: SHARED_KEYS }));
afterAll(async () => {
  await ward.close();
  await bus.close();
  await database.close();
}, 60_000);

const look = (more: Readonly<Record<string, string>> = {}, ...args: string[]): Promise<Seen> =>
  ward.look({ env: { ...env, ...more }, args });

describe('queue and ledger that several processes share', () => {
  test('before the first start: reached, and nothing was made there', async () => {
    const seen = await look();
    expect(troubles(seen)).toEqual([]);
    expect(the('well', 'ledger', seen).found).toMatch(
      /^PostgreSQL \d+\S*.*, empty: the first start makes the tables$/,
    );
    expect(the('well', 'queue', seen).found).toBe('Service Bus; 0 messages due, 0 dead');
    expect(the('well', 'ledger', await look()).found).toContain('empty');
    expect(seen.findings.some(({ check }) => check === 'data folder')).toBe(false);
  });

  test('of this version, once a service has made the tables', async () => {
    const ledger = await openPostgresLedger({ url: env['LEDGER_URL'] ?? '' });
    await ledger.close();
    expect(the('well', 'ledger', await look()).found).toMatch(/^PostgreSQL .* of this version$/);
  });

  test('a database that is away, refuses the login, or is not there', async () => {
    const away = `postgres://nobody@127.0.0.1:${await freePort()}/ledger?sslmode=disable`;
    const seen = await look({ LEDGER_URL: away });
    expect(troubles(seen)).toEqual(['ledger']);
    expect(the('failed', 'ledger', seen)).toMatchObject({
      found: "the ledger's database cannot be reached, or its connection was lost (ECONNREFUSED)",
      remedy: expect.stringContaining('check the network'),
    });
    const absent = new URL(env['LEDGER_URL'] ?? '');
    absent.pathname = '/nowhere';
    expect(the('failed', 'ledger', await look({ LEDGER_URL: absent.href })).found).toContain(
      'is not there (3D000)',
    );
    const stranger = new URL(env['LEDGER_URL'] ?? '');
    stranger.username = 'stranger';
    stranger.password = 'hunter2';
    const refused = await look({ LEDGER_URL: stranger.href });
    expect(the('failed', 'ledger', refused).found).toMatch(/refused the login \(28/);
    expect(JSON.stringify(refused)).not.toContain('hunter2');
  });

  test('a bus that is away, and a queue that nobody made', async () => {
    await ward.configure({
      more: {
        ...SHARED_KEYS,
        queue: { serviceBus: { connectionString: 'env:BUS', changes: 'other', writes: 'writes' } },
      },
    });
    const missing = await look();
    expect(the('failed', 'queue', missing)).toMatchObject({
      found: expect.stringContaining('MessagingEntityNotFound'),
      remedy: expect.stringContaining('queue check'),
    });
    await ward.configure({ more: SHARED_KEYS });
    await bus.stop();
    const away = await look();
    await bus.restart();
    expect(troubles(away)).toEqual(['queue']);
    expect(the('failed', 'queue', away).found).toContain('it cannot be reached');
  }, 120_000);
});

const checks = ({ findings }: Seen): string[] => [...new Set(findings.map(({ check }) => check))];

describe('doctor --role', () => {
  const notified = {
    ...SHARED_KEYS,
    notifications: { publicUrl: 'http://127.0.0.1:9', clientStateKey: `env:${CURRENT_KEY}` },
  };

  test('receiver looks at what a receiver needs, by the right to send, and asks no tenant', async () => {
    await ward.configure({ certificate: './not-for-the-receiver.pem', more: notified });
    const before = ward.tenant.httpRequests;
    const seen = await ward.look({
      args: ['--role', 'receiver'],
      env: { BUS: env['BUS'] ?? '' },
      cloud: () => Promise.reject(new Error('A receiver knows no tenant.')),
    });
    expect(checks(seen)).toEqual([
      'configuration',
      'version',
      'node',
      'files',
      'queue',
      'tls chain',
      'handshake',
    ]);
    expect(troubles(seen)).toEqual(['handshake']);
    expect(the('well', 'queue', seen).found).toBe('Service Bus takes messages for changes');
    expect(ward.tenant.httpRequests).toBe(before);
  });

  test('worker does not look at how Graph comes in', async () => {
    await ward.configure({ more: notified });
    const seen = await look({ [CURRENT_KEY]: '' }, '--role', 'worker');
    expect(troubles(seen)).toEqual([]);
    expect(checks(seen)).not.toContain('handshake');
    expect(checks(seen)).toContain('mailbox');
  });

  test('keeper tries the handshake, and does not answer it in the place of the receivers', async () => {
    const port = await freePort();
    const notifications = {
      ...notified.notifications,
      publicUrl: `http://127.0.0.1:${port}`,
      listen: `127.0.0.1:${port}`,
    };
    await ward.configure({ more: { ...notified, notifications } });
    const seen = await look({}, '--role', 'keeper');
    expect(seen.findings.filter(({ check }) => check === 'handshake').map(({ state }) => state)).toEqual([
      'failed',
      'failed',
    ]);
  });
});
