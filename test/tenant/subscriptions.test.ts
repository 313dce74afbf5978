import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../src/kit/transport.ts';
import type { TenantOptions } from './options.ts';
import { probe, type Probe } from './probe.ts';
import { echo } from './receiver.ts';

const URLS = {
  notificationUrl: 'https://sync.contoso.example/notifications',
  lifecycleNotificationUrl: 'https://sync.contoso.example/lifecycle?tenant=1',
};

function open(options: Partial<TenantOptions> = {}): Probe & { requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const deliver = (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request);
    return Promise.resolve(echo(request));
  };
  return { ...probe({ deliver, ...options }), requests };
}

function wanted(on: Probe, extra: object = {}): { body: object } {
  const expirationDateTime = new Date(on.clock.now() + 24 * 3_600_000).toISOString();
  return {
    body: {
      changeType: 'updated,deleted',
      resource: 'users',
      clientState: 's',
      expirationDateTime,
      ...URLS,
      ...extra,
    },
  };
}

const minutes = (on: Probe, count: number): string => new Date(on.clock.now() + count * 60_000).toISOString();

describe('subscriptions', () => {
  it('shake hands with both URLs, with a token that is hard to echo', async () => {
    const on = open();
    const made = await on.ask('POST', 'subscriptions', wanted(on));
    expect(made).toMatchObject({
      status: 201,
      body: { resource: 'users', clientState: 's', applicationId: on.tenant.clientId },
    });
    const [first, second] = on.requests.map(({ url }) => new URL(url));
    expect(first?.pathname).toBe('/notifications');
    expect(second?.search).toMatch(/^\?tenant=1&validationToken=/);
    expect(first?.searchParams.get('validationToken')).toMatch(/ a\+b %2B %20 .*<i>&amp;=$/);
  });

  it.each([
    ['another status', (answer: HttpResponse) => ({ ...answer, status: 202 })],
    ['HTML', (answer: HttpResponse) => ({ ...answer, headers: { 'content-type': 'text/html' } })],
    ['an encoded token', (answer: HttpResponse) => ({ ...answer, body: encodeURIComponent(answer.body) })],
    [
      'a plus sign read as a space',
      (answer: HttpResponse) => ({ ...answer, body: answer.body.replace('+', ' ') }),
    ],
  ])('are refused to a receiver that answers with %s', async (_what, spoil) => {
    const on = open({ deliver: (request) => Promise.resolve(spoil(echo(request))) });
    expect(await on.ask('POST', 'subscriptions', wanted(on))).toMatchObject({
      status: 400,
      code: 'ValidationError',
    });
    expect(on.tenant.subscriptions.all()).toEqual([]);
  });

  it.each([
    [9_900, 201],
    [10_100, 400],
  ])('wait ten seconds for the echo: %i ms', async (delayMs, status) => {
    const on: Probe = open({
      deliver: async (request) => {
        await on.clock.sleep(delayMs);
        return echo(request);
      },
    });
    const asked = on.ask('POST', 'subscriptions', wanted(on, { lifecycleNotificationUrl: undefined }));
    await on.clock.run();
    expect(await asked).toMatchObject({ status });
  });

  it('exist once for a change type and resource', async () => {
    const on = open();
    const made = await on.ask('POST', 'subscriptions', wanted(on));
    const again = await on.ask(
      'POST',
      'subscriptions',
      wanted(on, { changeType: 'deleted,updated', resource: '/users' }),
    );
    expect(again.status).toBe(409);
    expect(JSON.stringify(again.body)).toContain(
      `Subscription Id <${String(made.body['id'])}> already exists for the requested combination`,
    );
    expect(await on.ask('POST', 'subscriptions', wanted(on, { resource: 'groups' }))).toMatchObject({
      status: 201,
    });
  });

  it('live at least 45 minutes and at most 41,760', async () => {
    const on = open();
    const short = await on.ask('POST', 'subscriptions', wanted(on, { expirationDateTime: minutes(on, 5) }));
    expect(Date.parse(String(short.body['expirationDateTime'])) - on.clock.now()).toBe(45 * 60_000);
    const path = `subscriptions/${String(short.body['id'])}`;
    expect(await on.ask('PATCH', path, { body: { expirationDateTime: minutes(on, 41_761) } })).toMatchObject({
      status: 400,
    });
    expect(await on.ask('PATCH', path, { body: { expirationDateTime: minutes(on, 41_760) } })).toMatchObject({
      status: 200,
    });
    const clamping = open({ switches: { overlongExpiry: 'clamped' } });
    expect(
      await clamping.ask(
        'POST',
        'subscriptions',
        wanted(clamping, { expirationDateTime: minutes(clamping, 99_999) }),
      ),
    ).toMatchObject({ status: 201 });
  });

  it('are gone when they expire', async () => {
    const on = open();
    const made = await on.ask('POST', 'subscriptions', wanted(on));
    await on.clock.run(on.clock.now() + 24 * 3_600_000);
    expect((await on.ask('GET', 'subscriptions')).value).toEqual([]);
    const renewed = await on.ask('PATCH', `subscriptions/${String(made.body['id'])}`, {
      body: { expirationDateTime: minutes(on, 99) },
    });
    expect(renewed).toMatchObject({ status: 404, code: 'ResourceNotFound' });
  });

  it('are at most a hundred, and the refusal names the limit only in its message', async () => {
    const on = open();
    for (let n = 0; n < 100; n += 1) {
      const { id } = on.tenant.directory.addUser();
      await on.ask('POST', 'subscriptions', wanted(on, { resource: `users/${id}` }));
    }
    expect(await on.ask('POST', 'subscriptions', wanted(on))).toMatchObject({
      status: 403,
      code: 'Forbidden',
    });
  });

  it('show no secret in a list', async () => {
    const on = open();
    const made = await on.ask('POST', 'subscriptions', wanted(on));
    expect((await on.ask('GET', 'subscriptions')).value).toMatchObject([
      { id: made.body['id'], clientState: null },
    ]);
    expect((await on.ask('GET', `subscriptions/${String(made.body['id'])}`)).body).toMatchObject({
      clientState: 's',
    });
  });

  it.each([
    ['plain http beyond loopback', { notificationUrl: 'http://sync.contoso.example/n' }],
    ['a clientState of 129 characters', { clientState: 'x'.repeat(129) }],
    ['created', { changeType: 'created,updated' }],
    ['an unknown resource', { resource: 'devices' }],
    ['a full URL as resource', { resource: 'https://graph.microsoft.com/v1.0/users' }],
    ['an unknown property', { vapidPublicKey: 'x' }],
  ])('are refused with %s', async (_what, extra) => {
    const on = open();
    expect(await on.ask('POST', 'subscriptions', wanted(on, extra))).toMatchObject({ status: 400 });
    expect(on.requests).toEqual([]);
  });

  it('need Contacts.Read for contacts, which the app does not have', async () => {
    const on = open();
    const { id } = on.owner();
    expect(
      await on.ask('POST', 'subscriptions', wanted(on, { resource: `users/${id}/contacts` })),
    ).toMatchObject({ status: 403 });
  });

  it('may be http on loopback: the one relaxation', async () => {
    const on = open();
    const loopback = {
      notificationUrl: 'http://127.0.0.1:8080/n',
      lifecycleNotificationUrl: 'http://localhost:8080/l',
    };
    expect(await on.ask('POST', 'subscriptions', wanted(on, loopback))).toMatchObject({ status: 201 });
  });

  it('ask for the hand again when the URL changes, and keep the old one when it is refused', async () => {
    let answers = true;
    const on = open({
      deliver: (request) => Promise.resolve(answers ? echo(request) : { ...echo(request), status: 404 }),
    });
    const made = await on.ask('POST', 'subscriptions', wanted(on));
    answers = false;
    const path = `subscriptions/${String(made.body['id'])}`;
    expect(
      await on.ask('PATCH', path, { body: { notificationUrl: 'https://elsewhere.example/n' } }),
    ).toMatchObject({ status: 400 });
    expect((await on.ask('GET', path)).body['notificationUrl']).toBe(URLS.notificationUrl);
  });

  it('note reauthorizing and renewing within ten minutes', async () => {
    const on = open();
    const made = await on.ask('POST', 'subscriptions', wanted(on));
    const path = `subscriptions/${String(made.body['id'])}`;
    expect(await on.ask('POST', `${path}/reauthorize`)).toMatchObject({ status: 204 });
    await on.clock.run(on.clock.now() + 600_000);
    await on.ask('PATCH', path, { body: { expirationDateTime: minutes(on, 100) } });
    expect(on.tenant.oracles.violations).toEqual([]);
    await on.ask('POST', `${path}/reauthorize`);
    expect(on.tenant.oracles.violations).toMatchObject([{ kind: 'renew-beside-reauthorize' }]);
  });

  it('answer 200 or 204 to a reauthorization, and may ignore created', async () => {
    const on = open({ switches: { reauthorizeStatus: 200, createdChangeType: 'ignored' } });
    const made = await on.ask('POST', 'subscriptions', wanted(on, { changeType: 'created,updated' }));
    expect(made.status).toBe(201);
    const path = `subscriptions/${String(made.body['id'])}/reauthorize`;
    expect(await on.ask('POST', path)).toMatchObject({ status: 200 });
  });
});
