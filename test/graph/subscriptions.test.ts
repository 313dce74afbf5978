import { describe, expect, test } from 'vitest';
import { createGraphClient } from '../../src/graph/client.ts';
import { CONTACT_TERMS, createSubscriptionsApi, DIRECTORY_TERMS } from '../../src/graph/subscriptions.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { HttpRequest } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { CLOUD } from './batch-server.ts';
import { assertSchema } from './schema.ts';

const EXPIRES = Date.parse('2026-02-01T00:00:00Z');
const WANTED = {
  resource: 'users',
  notificationUrl: 'https://sync.example/notifications',
  lifecycleNotificationUrl: 'https://sync.example/lifecycle',
  clientState: 'state',
  expires: EXPIRES,
  immutableIds: false,
  ...DIRECTORY_TERMS,
};
const LONGEST_MS = DIRECTORY_TERMS.longestMs;
const granted = (id: string, more: object = {}) => ({
  id,
  resource: 'users',
  changeType: 'updated,deleted',
  notificationUrl: WANTED.notificationUrl,
  lifecycleNotificationUrl: WANTED.lifecycleNotificationUrl,
  clientState: null,
  expirationDateTime: '2026-02-01T00:45:00.1234567Z',
  ...more,
});

const page = (link: string) => ({ status: 200, body: { value: [], '@odata.nextLink': link } });

function apiOver(...answers: { status: number; body?: unknown }[]) {
  const requests: HttpRequest[] = [];
  const clock = new VirtualClock();
  const client = createGraphClient({
    cloud: CLOUD,
    tokens: { token: async () => 't' },
    transport: async (request) => {
      requests.push(request);
      const { status, body } = answers.shift() ?? { status: 500 };
      return { status, headers: {}, body: body === undefined ? '' : JSON.stringify(body) };
    },
    clock,
    random: seededRandom(1),
    log: silentLog,
  });
  return { api: createSubscriptionsApi({ client, clock }), requests, clock };
}

describe('subscriptions', () => {
  test('create sends what the schema wants and returns the expiry that Graph granted', async () => {
    const { api, requests } = apiOver({ status: 201, body: granted('s1') });
    expect(await api.create(WANTED)).toMatchObject({
      id: 's1',
      resource: 'users',
      expires: Date.parse('2026-02-01T00:45:00.123Z'),
    });
    const body: unknown = JSON.parse(requests[0]?.body ?? '');
    assertSchema('subscriptionCreateRequest', body);
    expect(body).toMatchObject({
      changeType: 'updated,deleted',
      expirationDateTime: '2026-02-01T00:00:00.000Z',
    });
  });

  test('to contacts are for every change, under ids that stay, and for seven days at most', async () => {
    const resource = 'users/u/contacts';
    const { api, requests, clock } = apiOver(
      { status: 201, body: granted('s1', { resource, changeType: CONTACT_TERMS.changeType }) },
      { status: 201, body: granted('s2') },
    );
    const expires = clock.now() + 30 * 86_400_000;
    await api.create({ ...WANTED, ...CONTACT_TERMS, resource, expires, immutableIds: true });
    await api.create(WANTED);
    const body: { expirationDateTime: string } = JSON.parse(requests[0]?.body ?? '');
    assertSchema('subscriptionCreateRequest', body);
    expect(body).toMatchObject({ resource, changeType: 'created,updated,deleted' });
    expect(Date.parse(body.expirationDateTime)).toBe(clock.now() + 7 * 86_400_000 - 5 * 60_000);
    const prefer = requests.map(({ headers }) => new Headers(headers).get('prefer'));
    expect(prefer).toEqual(['IdType="ImmutableId"', null]);
  });

  test.each([
    [409, 'Conflict', 'x already exists', 'conflict'],
    [400, 'ValidationError', 'Subscription validation request failed.', 'invalid'],
    [403, 'ExtensionError', 'Number of subscriptions exceeds the limit', 'quota'],
    [403, 'Authorization_RequestDenied', 'Insufficient privileges', 'forbidden'],
    [504, 'UnknownError', '', 'unknown-outcome'],
  ])('create answered with %i %s', async (...row) => {
    const [status, code, message, kind] = row;
    const { api } = apiOver({ status, body: { error: { code, message } } });
    await expect(api.create(WANTED)).rejects.toMatchObject({ kind, code });
  });

  test('a create whose answer names no subscription is unknown', async () => {
    const { api } = apiOver({ status: 201, body: {} });
    await expect(api.create(WANTED)).rejects.toMatchObject({ kind: 'unknown-outcome' });
  });

  test('never asks for a later end than Graph allows', async () => {
    const { api, requests, clock } = apiOver(
      { status: 201, body: granted('s1') },
      { status: 200, body: granted('s1') },
    );
    await api.create({ ...WANTED, expires: clock.now() + 30 * 86_400_000 });
    await api.renew('s1', clock.now() + 30 * 86_400_000, LONGEST_MS);
    const latest = clock.now() + 29 * 86_400_000;
    for (const { body } of requests) {
      const { expirationDateTime }: { expirationDateTime: string } = JSON.parse(body ?? '');
      expect(latest - Date.parse(expirationDateTime)).toBe(5 * 60_000);
    }
  });

  test('list reads all pages', async () => {
    const nextLink = 'https://graph.example/v1.0/subscriptions?$skiptoken=2';
    const { api, requests } = apiOver(
      { status: 200, body: { value: [granted('s1')], '@odata.nextLink': nextLink } },
      {
        status: 200,
        body: { value: [granted('s2', { resource: 'groups', lifecycleNotificationUrl: null })] },
      },
    );
    expect(await api.list()).toMatchObject([
      { id: 's1' },
      { id: 's2', resource: 'groups', lifecycleNotificationUrl: null },
    ]);
    expect(requests[1]?.url).toBe(nextLink);
  });

  test.each([
    ['a page without its list', { '@odata.context': 'x' }],
    ['an entry without an id', { value: [{ resource: 'users' }] }],
    ['an expiry that is no time', { value: [granted('s', { expirationDateTime: 'soon' })] }],
  ])('%s is a failure, never an empty list', async (_name, body) => {
    await expect(apiOver({ status: 200, body }).api.list()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('pages in a circle and links to foreign hosts are refused', async () => {
    const circle = 'https://graph.example/v1.0/subscriptions?$skiptoken=2';
    await expect(apiOver(page(circle), page(circle)).api.list()).rejects.toMatchObject({
      code: 'NextLinkLoop',
    });
    await expect(apiOver(page('https://evil.example/v1.0/x')).api.list()).rejects.toMatchObject({
      code: 'ForeignHost',
    });
  });

  test('renew prolongs, and says when there is nothing left to prolong', async () => {
    const { api, requests } = apiOver({ status: 200, body: granted('s1') }, { status: 404 });
    expect((await api.renew('s/1', EXPIRES, LONGEST_MS)).expires).toBe(
      Date.parse('2026-02-01T00:45:00.123Z'),
    );
    expect(requests[0]).toMatchObject({
      method: 'PATCH',
      url: 'https://graph.example/v1.0/subscriptions/s%2F1',
    });
    assertSchema('subscriptionUpdateRequest', JSON.parse(requests[0]?.body ?? ''));
    await expect(api.renew('s1', EXPIRES, LONGEST_MS)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('remove tells removed from absent', async () => {
    const { api } = apiOver({ status: 204 }, { status: 404 }, { status: 403 });
    expect([await api.remove('s1'), await api.remove('s1')]).toEqual(['removed', 'absent']);
    await expect(api.remove('s1')).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
