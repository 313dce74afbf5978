import { describe, expect, it } from 'vitest';
import { makeFolder, marks, probe } from './probe.ts';

const part = (url: string) => (_: unknown, n: number) => ({ id: `${n}`, method: 'GET', url });

describe('limits', () => {
  it('lets a mailbox take 10,000 calls in ten minutes', async () => {
    const on = probe();
    const { id } = on.owner();
    const { window } = on.tenant.mailboxes.get(id);
    const call = async (): Promise<number> => (await on.ask('GET', `users/${id}/contacts`)).status;
    for (let n = 0; n < 9_999; n += 1) window.take(on.clock.now());
    expect(await call()).toBe(200);
    expect(await call()).toBe(429);
    await on.clock.run(on.clock.now() + 600_000);
    expect(await call()).toBe(200);
  });

  it('counts resource units, tells them, and refuses beyond the tenant size', async () => {
    const on = probe();
    const user = on.tenant.directory.addUser();
    const group = on.tenant.directory.addGroup();
    const units = async (path: string): Promise<unknown> =>
      (await on.ask('GET', path)).headers['x-ms-resource-unit'];
    expect(await units(`users/${user.id}`)).toBe('1');
    expect(await units(`users/${user.id}?$select=id`)).toBe('1');
    expect(await units(`groups/${group.id}/transitiveMembers`)).toBe('5');
    expect(await units(`groups/${group.id}/members?$select=id`)).toBe('2');
    for (let n = 0; n < 698; n += 1) await on.ask('GET', `groups/${group.id}/transitiveMembers`);
    const refused = await on.ask('GET', `groups/${group.id}/transitiveMembers`);
    expect(refused).toMatchObject({ status: 429, code: 'TooManyRequests' });
    expect(refused.headers).toMatchObject({
      'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
      'x-ms-throttle-scope': expect.stringMatching(/^Tenant_Application\/ReadWrite\//) as string,
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('may count inline extensions against 455 in ten seconds, but not extended properties', async () => {
    const on = probe({ switches: { extensionPool: true } });
    const contacts = await makeFolder(on, on.owner().id);
    const { singleValueExtendedProperties } = marks('x');
    const create = async (body: object): Promise<number> =>
      (await on.ask('POST', contacts, { body: { displayName: 'A', ...body } })).status;
    const statuses: number[] = [];
    for (let n = 0; n < 456; n += 1) statuses.push(await create(marks(`u${n}`)));
    expect(statuses.filter((status) => status === 201)).toHaveLength(455);
    expect(statuses.at(-1)).toBe(429);
    expect(await create({ singleValueExtendedProperties })).toBe(201);
    await on.clock.run(on.clock.now() + 10_000);
    expect(await create(marks('late'))).toBe(201);
  });

  it('lets a mailbox take 150 MB in five minutes, or what it is scaled to', async () => {
    const on = probe({ ceilings: { upload: { count: 3_000, spanMs: 300_000 } } });
    const contacts = await makeFolder(on, on.owner().id);
    const create = async (length: number): Promise<number> =>
      (await on.ask('POST', contacts, { body: { displayName: 'A'.repeat(length) } })).status;
    expect(await create(1_500)).toBe(201);
    expect(await create(1_500)).toBe(429);
    await on.clock.run(on.clock.now() + 300_000);
    expect(await create(1_500)).toBe(201);
  });

  it('counts every part of a batch against what an app may ask of all tenants', async () => {
    const on = probe({ ceilings: { app: { count: 5, spanMs: 10_000 } } });
    const { id } = on.owner();
    const parts = Array.from({ length: 6 }, (_, n) => ({ id: `${n}`, method: 'GET', url: `/users/${id}` }));
    const answers = await on.batch(parts);
    expect([...answers.parts.values()].filter(({ status }) => status === 200)).toHaveLength(5);
    expect([...answers.parts.values()].filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it('takes its time by operation, four parts of a batch at a time', async () => {
    const on = probe({ latencyMs: { else: 10, 'GET users/{id}/contactFolders': 100 } });
    const { id } = on.owner();
    const startedAt = on.clock.now();
    await on.clock.through(on.batch(Array.from({ length: 6 }, part(`/users/${id}`))));
    expect(on.clock.now() - startedAt).toBe(10);
    await on.clock.through(on.batch(Array.from({ length: 8 }, part(`/users/${id}/contactFolders`))));
    expect(on.clock.now() - startedAt).toBe(210);
  });

  it('lists subscriptions 25 times in 20 seconds', async () => {
    const on = probe();
    for (let n = 0; n < 25; n += 1) expect((await on.ask('GET', 'subscriptions')).status).toBe(200);
    expect(await on.ask('GET', 'subscriptions')).toMatchObject({ status: 429 });
  });
});

/** Draws until a part is refused with a wait of more than a second. */
async function refusedPart(on: ReturnType<typeof probe>, url: string): Promise<number> {
  on.tenant.setFaults({ throttleInside: 1 });
  for (;;) {
    const answer = await on.batch([{ id: '1', method: 'GET', url }]);
    const headers = answer.parts.get('1')?.headers ?? {};
    const seconds = Number(headers['Retry-After'] ?? headers['retry-after'] ?? 0);
    if (seconds > 1 && seconds < 600) {
      on.tenant.setFaults({});
      return seconds;
    }
    await on.clock.run(on.clock.now() + 700_000);
  }
}

describe('oracles of politeness', () => {
  it('notes a call before a Retry-After has passed, keeps refusing it, and lets it pass after', async () => {
    const on = probe();
    const { id } = on.owner();
    const url = `/users/${id}/contacts`;
    const seconds = await refusedPart(on, url);
    await on.clock.run(on.clock.now() + 1_000 * seconds - 1);
    expect(on.tenant.oracles.violations).toEqual([]);
    expect(await on.ask('GET', url.slice(1))).toMatchObject({ status: 429 });
    expect(on.tenant.oracles.violations).toMatchObject([
      { kind: 'before-retry-after', detail: `mailbox ${id} early by 1 ms` },
    ]);
    await on.clock.run(on.clock.now() + 1_000);
    expect(await on.ask('GET', url.slice(1))).toMatchObject({ status: 200 });
    expect(on.tenant.oracles.violations).toHaveLength(1);
  });

  it('holds a client to the wait of a whole batch for every mailbox in it', async () => {
    const on = probe({ faults: { throttleOutside: 1 } });
    const [asked, other] = [on.owner(), on.owner()];
    let seconds = 0;
    while (seconds <= 1) {
      const answer = await on.batch([{ id: '1', method: 'GET', url: `/users/${asked.id}/contacts` }]);
      expect(answer.status).toBe(429);
      seconds = Number(answer.headers['retry-after'] ?? 0);
      if (seconds <= 1) await on.clock.run(on.clock.now() + 700_000);
    }
    on.tenant.setFaults({});
    await on.clock.run(on.clock.now() + 1);
    await on.ask('GET', `users/${other.id}/contacts`);
    expect(on.tenant.oracles.violations).toEqual([]);
    await on.ask('GET', `users/${asked.id}/contacts`);
    expect(on.tenant.oracles.violations).toMatchObject([{ kind: 'before-retry-after' }]);
  });

  it('does not hold a client to a wait that it never saw', async () => {
    const on = probe();
    const { id } = on.owner();
    for (let n = 0; n < 20; n += 1) {
      on.tenant.setFaults({ throttleInside: 1, missingSubResponse: 1 });
      expect((await on.batch([{ id: '1', method: 'GET', url: `/users/${id}/contacts` }])).parts.size).toBe(0);
      on.tenant.setFaults({});
      await on.clock.run(on.clock.now() + 1);
      await on.ask('GET', `users/${id}/contacts`);
    }
    const { throttledUntil } = on.tenant.mailboxes.get(id);
    expect(throttledUntil).toBeGreaterThan(on.clock.now());
    const early = on.tenant.oracles.violations.filter(({ at }) => at > throttledUntil);
    expect(early).toEqual([]);
  });
});

describe('oracles of ownership', () => {
  it('note a foreign contact that the client changes, removes, or takes with its folder', async () => {
    const on = probe();
    const { id } = on.owner();
    const mailbox = on.tenant.mailboxes.get(id);
    const own = on.tenant.mailboxes.addContact(id, { displayName: 'Mine' });
    const path = `users/${id}/contacts/${encodeURIComponent(mailbox.ids.regular(own))}`;
    await on.ask('PATCH', path, { body: { displayName: 'Yours' } });
    expect(on.tenant.oracles.count('foreign-touched')).toBe(1);
    const contacts = await makeFolder(on, id);
    on.tenant.mailboxes.addContact(id, { displayName: 'In ours' }, mailbox.folderNamed('Company Directory'));
    await on.ask('DELETE', contacts.replace(/\/contacts$/, ''));
    expect(on.tenant.oracles.count('foreign-touched')).toBe(2);
  });

  it('note a second item with one mark, but not the copies and moves of the owner', async () => {
    const on = probe();
    const { id } = on.owner();
    const { mailboxes, oracles } = on.tenant;
    const contacts = await makeFolder(on, id);
    const create = (source: string): Promise<unknown> =>
      on.ask('POST', contacts, { body: { displayName: 'A', ...marks(source) } });
    await create('u1');
    const [first] = [...mailboxes.get(id).items()];
    mailboxes.copyContact(id, first!);
    mailboxes.moveContact(id, first!, mailboxes.addFolder(id, 'Mine'));
    await create('u1');
    expect(oracles.violations).toEqual([]);
    await create('u1');
    expect(oracles.violations).toMatchObject([
      { kind: 'duplicate-mark', detail: `mailbox ${id} mark d1/staff/u1` },
    ]);
  });
});
