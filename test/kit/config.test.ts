import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { MINIMAL, problemsOf, read } from './config-fixture.ts';

const example = readFileSync(new URL('../../deploy/contact-sync.example.yaml', import.meta.url), 'utf8');

const target = (form: string): unknown => {
  const [job] = read(MINIMAL.replace('mailboxes: licensed', `mailboxes: ${form}`)).jobs;
  return job?.kind === 'directory' ? job.target : undefined;
};

const health = (more: string): string => `${MINIMAL}health: { listen: 127.0.0.1:8081${more} }\n`;
const cloud = (form: string): string => MINIMAL.replace('clientId:', `cloud: ${form}\n    clientId:`);

describe('what is left out', () => {
  test('gets the documented defaults, and paths become absolute', () => {
    expect(read(MINIMAL)).toMatchObject({
      file: '/etc/contact-sync/contact-sync.yaml',
      notifications: null,
      queue: { kind: 'sqlite' },
      ledger: { kind: 'sqlite' },
      health: null,
      data: '/etc/contact-sync/data',
      deployment: null,
      fingerprintKey: null,
      sweep: { hour: 2, minute: 0, timeZone: 'UTC' },
      limits: { concurrency: 64, requestsPer10s: 20_000, inlineExtensions: 'unknown' },
      timing: {
        secondLookMs: 60_000,
        quietLookMs: 300_000,
        subscriptionCheckMs: 300_000,
        pollMs: 300_000,
        gatewayTimeoutMs: 120_000,
      },
      marks: 'both',
      removal: 'permanent',
      policy: 'economy',
      log: { level: 'info' },
      onlyJob: null,
      tenants: [{ id: 'contoso', cloud: 'global', clientId: 'c0a8f3d2-6f57-4b8e-8a3c-94f1f0b7e822' }],
      jobs: [
        { id: 'staff', tenant: 'contoso', target: { kind: 'licensed' }, guard: { count: 20, percent: 10 } },
      ],
    });
  });

  test('is what the example file says it is', () => {
    const file = parseDocument(example);
    for (const key of ['queue', 'ledger', 'data', 'limits', 'timing', 'removal', 'policy', 'log'])
      expect(file.delete(key)).toBe(true);
    for (const path of [
      'tenants.contoso.cloud',
      'notifications.listen',
      'jobs.staff.guard',
      'jobs.staff.ownContact',
      'jobs.staff.fields',
      'jobs.staff.phones',
      'jobs.staff.photos',
      'jobs.staff.optOut',
    ]) {
      expect(file.deleteIn(path.split('.'))).toBe(true);
    }
    expect(meant(file.toString())).toBe(meant(example));
  });

  test('an empty file lacks the two keys that have no default', () => {
    expect(problemsOf('{}').map((problem) => problem.split(':')[0])).toEqual(['1 tenants', '1 jobs']);
    expect(problemsOf('')).toEqual(['1 : expected a map with tenants, jobs, found nothing']);
  });
});

describe('forms', () => {
  const id = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';

  test('mailboxes by licence, group or user', () => {
    expect(target(`{ groups: [${id}] }`)).toEqual({ kind: 'chosen', groups: [id] });
    expect(target(`{ users: [${id.toUpperCase()}] }`)).toEqual({ kind: 'chosen', users: [id] });
  });

  test('figures are for the same machine, unless it is said who may ask', () => {
    const listen = { host: '127.0.0.1', port: 8_081 };
    expect(read(health('')).health).toEqual({ listen, metrics: 'sameMachine' });
    expect(read(health(', metrics: everybody')).health).toEqual({ listen, metrics: 'everybody' });
    expect(problemsOf(health(', metrics: everyone'))).toEqual([
      expect.stringContaining('expected one of nobody, sameMachine, everybody'),
    ]);
  });

  test("a cloud of one's own is two https origins, and a third where there are mail contacts", () => {
    const own = '{ login: "https://127.0.0.1:8443", graph: "https://127.0.0.1:8444/" }';
    expect(read(cloud(own)).tenants[0]?.cloud).toEqual({
      login: 'https://127.0.0.1:8443',
      graph: 'https://127.0.0.1:8444',
      exchange: null,
    });
    const third = own.replace('}', ', exchange: "https://127.0.0.1:8445" }');
    expect(read(cloud(third)).tenants[0]?.cloud).toMatchObject({ exchange: 'https://127.0.0.1:8445' });
    for (const bad of [
      'http://127.0.0.1:1',
      'https://a/v1.0',
      'https://a?x',
      'https://u@a',
      'ftp://a',
      'https:a',
    ]) {
      expect(problemsOf(cloud(`{ login: "${bad}", graph: "https://a" }`))).toEqual([
        '4 tenants.contoso.cloud.login: expected an https origin without a path, such as https://graph.example.com',
      ]);
    }
  });

  test('the Chinese cloud has no open extensions', () => {
    const china = MINIMAL.replace('clientId:', 'cloud: china\n    clientId:');
    expect(read(china).marks).toBe('extendedProperty');
    expect(problemsOf(`${china}marks: both\n`)).toEqual([
      '14 marks: expected extendedProperty: the Chinese cloud has no open extensions',
    ]);
    // Beside tenants elsewhere it changes nothing for those: each tenant's connection knows its own cloud.
    const beside = MINIMAL.replace(
      'tenants:\n',
      'tenants:\n  shanghai:\n    tenantId: 99999999-0000-4000-8000-000000000000\n' +
        '    clientId: 99999999-0000-4000-8000-000000000001\n    cloud: china\n' +
        '    credential: { certificate: ./contoso.pem }\n',
    );
    expect(read(beside).marks).toBe('both');
    expect(read(`${beside}marks: both\n`).marks).toBe('both');
  });

  test.each([
    ['https://sync.contoso.com/', 'https://sync.contoso.com'],
    ['https://sync.contoso.com/contacts/', 'https://sync.contoso.com/contacts'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://localhost:1', 'http://localhost:1'],
    ['http://[::1]:1', 'http://[::1]:1'],
    ['http://sync.contoso.com', undefined],
    ['http://127.0.0.1.contoso.com', undefined],
    ['https://user@sync.contoso.com', undefined],
    ['https://sync.contoso.com?a=b', undefined],
    ['sync.contoso.com', undefined],
  ])('publicUrl %s', (url, expected) => {
    const text = `${MINIMAL}notifications: { publicUrl: "${url}", clientStateKey: "env:KEY" }\n`;
    if (expected === undefined)
      expect(problemsOf(text)[0]).toContain('13 notifications.publicUrl: expected an https URL');
    else expect(read(text).notifications?.publicUrl).toBe(expected);
  });

  test.each([
    ['"[::1]:0"', { host: '::1', port: 0 }],
    ['0.0.0.0:65535', { host: '0.0.0.0', port: 65_535 }],
    ['127.0.0.1:65536', undefined],
    ['8080', undefined],
  ])('listen %s', (listen, expected) => {
    const text = `${MINIMAL}notifications: { publicUrl: "https://a", listen: ${listen}, clientStateKey: "env:KEY" }\n`;
    if (expected === undefined)
      expect(problemsOf(text)[0]).toContain('notifications.listen: expected an address and port');
    else expect(read(text).notifications?.listen).toEqual(expected);
  });

  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['2d', undefined],
    ['5', undefined],
    ['5 m', undefined],
    ['-5m', undefined],
    ['1.5h', undefined],
  ])('a duration of %s', (text, ms) => {
    const file = `${MINIMAL}timing: { poll: ${text} }\n`;
    if (ms === undefined)
      expect(problemsOf(file)[0]).toContain('13 timing.poll: expected a duration with its unit');
    else expect(read(file).timing.pollMs).toBe(ms);
  });
});

/** What is left out moves the lines below it. */
function meant(text: string): string {
  return JSON.stringify(read(text), (key, value: unknown) => (key === 'tenantPlace' ? null : value));
}
