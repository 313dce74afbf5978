import { describe, expect, it } from 'vitest';
import { makeFolder, marks, probe } from './probe.ts';

const json = { 'Content-Type': 'application/json' };

describe('$batch', () => {
  it('answers every part under its id, in another order, each with its own status', async () => {
    const on = probe();
    const users = Array.from({ length: 19 }, () => on.tenant.directory.addUser());
    const requests = users.map(({ id }, n) => ({
      id: `r${n}`,
      method: 'GET',
      url: `/users/${id}?$select=id`,
    }));
    const answer = await on.batch([...requests, { id: 'none', method: 'GET', url: 'users/nobody' }]);
    expect(answer.status).toBe(200);
    for (const [n, user] of users.entries())
      expect(answer.parts.get(`r${n}`)?.body).toMatchObject({ id: user.id });
    expect(answer.parts.get('none')).toMatchObject({
      status: 404,
      body: { error: { code: 'Request_ResourceNotFound' } },
    });
    expect([...answer.parts.keys()]).not.toEqual([...requests.map(({ id }) => id), 'none']);
    expect(on.tenant.counts.get('POST $batch')).toBe(1);
    expect(on.tenant.counts.get('$batch GET users/{id}')).toBe(20);
    expect(on.tenant.httpRequests).toBe(1);
  });

  it.each([
    ['21 parts', Array.from({ length: 21 }, (_, n) => ({ id: `${n}`, method: 'GET', url: '/users' }))],
    [
      'ids that differ by case',
      [
        { id: 'a', method: 'GET', url: '/users' },
        { id: 'A', method: 'GET', url: '/users' },
      ],
    ],
    ['an absolute url', [{ id: 'a', method: 'GET', url: 'https://graph.microsoft.com/v1.0/users' }]],
    ['a body without Content-Type', [{ id: 'a', method: 'POST', url: '/subscriptions', body: {} }]],
    ['a batch in a batch', [{ id: 'a', method: 'POST', url: '/$batch', headers: json, body: {} }]],
    ['no parts', []],
    [
      'two predecessors',
      [
        { id: 'a', method: 'GET', url: '/users' },
        { id: 'b', method: 'GET', url: '/users' },
        { id: 'c', method: 'GET', url: '/users', dependsOn: ['a', 'b'] },
      ],
    ],
    [
      'a mixed dependency pattern',
      [
        { id: 'a', method: 'GET', url: '/users' },
        { id: 'b', method: 'GET', url: '/users' },
        { id: 'c', method: 'GET', url: '/users', dependsOn: ['a'] },
      ],
    ],
    [
      'an unknown predecessor',
      [
        { id: 'a', method: 'GET', url: '/users' },
        { id: 'b', method: 'GET', url: '/users', dependsOn: ['x'] },
      ],
    ],
  ])('refuses %s as a whole', async (_what, requests) => {
    const on = probe();
    expect(await on.batch(requests)).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it('fails what depends on a failure with 424', async () => {
    const on = probe();
    const { id } = on.tenant.directory.addUser();
    const answer = await on.batch([
      { id: '3', method: 'GET', url: `/users/${id}`, dependsOn: ['2'] },
      { id: '2', method: 'GET', url: '/users/nobody', dependsOn: ['1'] },
      { id: '1', method: 'GET', url: `/users/${id}` },
    ]);
    expect(['1', '2', '3'].map((part) => answer.parts.get(part)?.status)).toEqual([200, 404, 424]);
  });

  it('takes headers per part, not from outside', async () => {
    const on = probe();
    const { id } = on.owner();
    const contacts = await makeFolder(on, id);
    await on.ask('POST', contacts, { body: { displayName: 'A', ...marks('u1') } });
    const answer = await on.batch([
      { id: 'plain', method: 'GET', url: contacts },
      { id: 'lasting', method: 'GET', url: contacts, headers: { prefer: 'IdType="ImmutableId"' } },
    ]);
    const ids = ['plain', 'lasting'].map((part) => {
      const page = answer.parts.get(part)?.body as { value: { id: string }[] } | undefined;
      return page?.value[0]?.id ?? '';
    });
    expect(ids.map((text) => text.slice(0, 6))).toEqual(['AAMkAD', 'AAkALg']);
  });

  it('runs four parts against Outlook at a time, whatever their mailboxes, and the directory beside them', async () => {
    const on = probe({ latencyMs: 100 });
    const owners = Array.from({ length: 10 }, () => on.owner());
    const requests = owners.map(({ id }, n) => ({ id: `${n}`, method: 'GET', url: `/users/${id}/contacts` }));
    const from = on.clock.now();
    const both = on.batch([...requests, { id: 'u', method: 'GET', url: `/users/${owners[0]?.id}` }]);
    await on.clock.run();
    expect((await both).parts.size).toBe(11);
    expect(on.clock.now() - from).toBe(300);
    const directory = on.batch(
      owners.map(({ id }, n) => ({ id: `${n}`, method: 'GET', url: `/users/${id}` })),
    );
    await on.clock.run();
    await directory;
    expect(on.clock.now() - from).toBe(400);
  });

  it('is safe alone on one mailbox, and not twice at once', async () => {
    const on = probe({ latencyMs: 100 });
    const { id } = on.owner();
    const requests = Array.from({ length: 8 }, (_, n) => ({
      id: `${n}`,
      method: 'GET',
      url: `/users/${id}/contacts`,
    }));
    const alone = on.batch(requests);
    await on.clock.run();
    expect([...(await alone).parts.values()].every(({ status }) => status === 200)).toBe(true);
    expect(on.tenant.oracles.violations).toEqual([]);
    const both = Promise.all([on.batch(requests), on.batch(requests)]);
    await on.clock.run();
    const codes = (await both)
      .flatMap(({ parts }) => [...parts.values()])
      .filter(({ status }) => status === 429);
    expect(codes[0]).toMatchObject({ body: { error: { code: 'ApplicationThrottled' } } });
    expect(on.tenant.oracles.count('mailbox-concurrency')).toBe(codes.length);
  });
});
