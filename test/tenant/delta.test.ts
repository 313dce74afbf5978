import { describe, expect, it } from 'vitest';
import { graph, probe, type Probe, type Told } from './probe.ts';

/** Follows a round to its end. */
async function round(
  on: Probe,
  start: string,
  headers: Record<string, string> = {},
): Promise<{ items: Told['value']; pages: Told[]; link: string }> {
  const pages: Told[] = [];
  let link: string | undefined = start;
  for (;;) {
    const page: Told = await on.ask('GET', link, { headers });
    expect(page.status).toBe(200);
    expect([page.nextLink, page.deltaLink].filter((text) => text !== undefined)).toHaveLength(1);
    pages.push(page);
    if (page.nextLink === undefined) break;
    link = page.nextLink;
  }
  return { items: pages.flatMap((page) => page.value), pages, link: pages.at(-1)?.deltaLink ?? '' };
}

describe('delta of users', () => {
  it('pages the initial round, with links on the host that was asked, and leaves out what was never set', async () => {
    const on = probe({ switches: { deltaPageSize: 2 } });
    const users = Array.from({ length: 5 }, (_, n) => on.tenant.directory.addUser({ displayName: `P${n}` }));
    const { items, pages, link } = await round(on, 'users/delta?$select=displayName,mail');
    expect(pages.map((page) => page.value.length)).toEqual([2, 2, 1]);
    expect(items).toEqual(users.map(({ id, displayName }) => ({ id, displayName })));
    expect(link.startsWith(`${graph}/v1.0/users/delta?$deltatoken=`)).toBe(true);
  });

  it('gives only what changed since, null for what was cleared, and every selected property', async () => {
    const on = probe();
    const user = on.tenant.directory.addUser({ displayName: 'Ada', mail: 'ada@contoso.example' });
    on.tenant.directory.addUser();
    const first = await round(on, 'users/delta?$select=displayName,mail');
    expect((await round(on, first.link)).items).toEqual([]);
    on.tenant.directory.updateUser(user.id, { mail: null });
    const second = await round(on, first.link);
    expect(second.items).toEqual([{ id: user.id, displayName: 'Ada', mail: null }]);
    const minimal = await round(on, first.link, { Prefer: 'return=minimal' });
    expect(minimal.items).toEqual([{ id: user.id, mail: null }]);
  });

  it('takes $select as a change filter', async () => {
    const on = probe();
    const user = on.tenant.directory.addUser();
    const { link } = await round(on, 'users/delta?$select=displayName');
    on.tenant.directory.updateUser(user.id, { jobTitle: 'Engineer' });
    expect((await round(on, link)).items).toEqual([]);
  });

  it('tells a soft deletion, a restore and a final one apart', async () => {
    const on = probe();
    const user = on.tenant.directory.addUser({ displayName: 'Ada' });
    let { link } = await round(on, 'users/delta?$select=displayName');
    const next = async (): Promise<Told['value']> => {
      const result = await round(on, link);
      link = result.link;
      return result.items;
    };
    on.tenant.directory.deleteUser(user.id);
    expect(await next()).toEqual([{ id: user.id, '@removed': { reason: 'changed' } }]);
    on.tenant.directory.restoreUser(user.id);
    expect(await next()).toEqual([{ id: user.id, displayName: 'Ada' }]);
    on.tenant.directory.purgeUser(user.id);
    expect(await next()).toEqual([{ id: user.id, '@removed': { reason: 'deleted' } }]);
    expect((await round(on, 'users/delta')).items).toEqual([]);
  });

  it('starts from now with an empty page', async () => {
    const on = probe();
    const user = on.tenant.directory.addUser();
    const { items, link } = await round(on, 'users/delta?$deltatoken=latest&$select=displayName');
    expect(items).toEqual([]);
    on.tenant.directory.updateUser(user.id, { displayName: 'New' });
    expect((await round(on, link)).items).toHaveLength(1);
  });

  it('refuses options that delta does not have', async () => {
    const on = probe();
    for (const option of [
      '$top=5',
      '$expand=manager',
      '$orderby=displayName',
      '$filter=displayName eq %27A%27',
    ]) {
      expect(await on.ask('GET', `users/delta?${option}`)).toMatchObject({ status: 400 });
    }
    const ids = Array.from(
      { length: 51 },
      (_, n) => `id eq '00000000-0000-4000-8000-${String(n).padStart(12, '0')}'`,
    );
    expect(await on.ask('GET', `users/delta?$filter=${ids.join(' or ')}`)).toMatchObject({ status: 400 });
    expect(await on.ask('GET', `users/delta?$filter=${ids.slice(1).join(' or ')}`)).toMatchObject({
      status: 200,
    });
    const { link } = await round(on, 'users/delta');
    expect(await on.ask('GET', `${link}&$select=mail`)).toMatchObject({ status: 400 });
  });

  it.each([
    ['410-location', 410, 'resyncRequired'],
    ['410', 410, 'syncStateNotFound'],
    ['404', 404, 'syncStateNotFound'],
    ['400', 400, 'syncStateNotFound'],
  ] as const)('forgets a token after seven days: %s', async (deltaExpiry, status, code) => {
    const on = probe({ switches: { deltaExpiry } });
    on.tenant.directory.addUser({ displayName: 'Ada' });
    const { link } = await round(on, 'users/delta?$select=displayName');
    await on.clock.run(on.clock.now() + 7 * 24 * 3_600_000);
    expect(await on.ask('GET', link)).toMatchObject({ status: 200 });
    await on.clock.run(on.clock.now() + 1);
    const refused = await on.ask('GET', link);
    expect(refused).toMatchObject({ status, code });
    if (deltaExpiry === '410-location') {
      expect((await round(on, refused.headers['location'] ?? '')).items).toMatchObject([
        { displayName: 'Ada' },
      ]);
    }
  });

  it('shows late, with a newer token, what a lagging replica did not have yet', async () => {
    const on = probe({ seed: 5, switches: { staleMs: 30_000 } });
    const users = Array.from({ length: 40 }, () => on.tenant.directory.addUser());
    let { link } = await round(on, 'users/delta?$select=displayName');
    on.tenant.setFaults({ staleRead: 0.5 });
    for (const user of users) on.tenant.directory.updateUser(user.id, { displayName: 'New' });
    const early = await round(on, link);
    expect(early.items.length).toBeGreaterThan(5);
    expect(early.items.length).toBeLessThan(35);
    await on.clock.run(on.clock.now() + 30_001);
    const late = await round(on, early.link);
    const ids = [...early.items, ...late.items].map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set(users.map(({ id }) => id)));
    expect(ids).toHaveLength(users.length);
  });

  it('never ends on an old value when changes become visible out of order', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const on = probe({ seed, faults: { staleRead: 0.6 } });
      const user = on.tenant.directory.addUser({ displayName: 'v0' });
      let { link } = await round(on, 'users/delta?$deltatoken=latest&$select=displayName');
      let last: unknown;
      for (let version = 1; version <= 5; version += 1) {
        on.tenant.directory.updateUser(user.id, { displayName: `v${version}` });
        await on.clock.run(on.clock.now() + (version === 5 ? 31_000 : 5_000));
        const result = await round(on, link);
        link = result.link;
        last = result.items.at(-1)?.['displayName'] ?? last;
      }
      expect(last).toBe('v5');
    }
  });

  it('replays, repeats and inserts empty pages when asked to', async () => {
    const on = probe({ faults: { deltaReplay: 1, deltaDuplicate: 1, deltaEmptyPage: 1 } });
    const users = Array.from({ length: 6 }, () => on.tenant.directory.addUser());
    const first = await round(on, 'users/delta?$select=displayName');
    expect(first.pages.some((page) => page.value.length === 0)).toBe(true);
    expect(first.items.length).toBe(users.length + 1);
    const idle = await round(on, first.link);
    expect(idle.items.length).toBeGreaterThan(0);
    const known = new Set(users.map(({ id }) => id));
    expect(idle.items.every(({ id }) => known.has(String(id)))).toBe(true);
  });
});

describe('delta of groups', () => {
  it('spreads members over pages under one repeated group', async () => {
    const on = probe({ switches: { deltaMembersPerPage: 3, deltaPageSize: 2 } });
    const group = on.tenant.directory.addGroup({ displayName: 'G' });
    const inner = on.tenant.directory.addGroup();
    on.tenant.directory.addMember(group.id, inner.id);
    const users = Array.from({ length: 7 }, () => on.tenant.directory.addUser());
    for (const user of users) on.tenant.directory.addMember(group.id, user.id);
    const { items } = await round(on, 'groups/delta?$select=displayName,members');
    const slices = items
      .filter(({ id }) => id === group.id)
      .map((item) => item['members@delta'] as Record<string, unknown>[]);
    expect(slices.map((slice) => slice.length)).toEqual([3, 3, 2]);
    expect(slices[0]?.[0]).toEqual({ '@odata.type': '#microsoft.graph.group', id: inner.id });
    expect(items.find(({ id }) => id === inner.id)).not.toHaveProperty('members@delta');
  });

  it('reports who came and who left, also in an initial round, for the filtered groups only', async () => {
    const on = probe();
    const [group, other] = [on.tenant.directory.addGroup(), on.tenant.directory.addGroup()];
    const [left, came] = [on.tenant.directory.addUser(), on.tenant.directory.addUser()];
    on.tenant.directory.addMember(group.id, left.id);
    const query = `groups/delta?$select=members&$filter=id%20eq%20'${group.id}'`;
    const { link } = await round(on, query);
    on.tenant.directory.removeMember(group.id, left.id);
    on.tenant.directory.addMember(group.id, came.id);
    on.tenant.directory.addMember(other.id, came.id);
    const expected = [
      { '@odata.type': '#microsoft.graph.user', id: left.id, '@removed': { reason: 'deleted' } },
      { '@odata.type': '#microsoft.graph.user', id: came.id },
    ];
    expect((await round(on, link)).items).toEqual([{ id: group.id, 'members@delta': expected }]);
    expect((await round(on, query)).items).toEqual([{ id: group.id, 'members@delta': expected }]);
  });

  it.each([true, false])('may report that a deleted person left: %s', async (deletionInMembersDelta) => {
    const on = probe({ switches: { deletionInMembersDelta } });
    const group = on.tenant.directory.addGroup();
    const user = on.tenant.directory.addUser();
    on.tenant.directory.addMember(group.id, user.id);
    const { link } = await round(on, 'groups/delta?$select=members');
    on.tenant.directory.deleteUser(user.id);
    const left = { '@odata.type': '#microsoft.graph.user', id: user.id, '@removed': { reason: 'deleted' } };
    const expected = deletionInMembersDelta ? [{ id: group.id, 'members@delta': [left] }] : [];
    expect((await round(on, link)).items).toEqual(expected);
  });

  it('says nothing of members when they are not selected', async () => {
    const on = probe();
    const group = on.tenant.directory.addGroup({ displayName: 'G' });
    const { link } = await round(on, 'groups/delta?$select=displayName');
    on.tenant.directory.addMember(group.id, on.tenant.directory.addUser().id);
    expect((await round(on, link)).items).toEqual([]);
  });

  it('forgets page tokens within the hour', async () => {
    const on = probe({ switches: { deltaPageSize: 1 } });
    on.tenant.directory.addGroup();
    on.tenant.directory.addGroup();
    const page = await on.ask('GET', 'groups/delta');
    expect(await on.ask('GET', page.nextLink ?? '')).toMatchObject({ status: 200 });
    await on.clock.run(on.clock.now() + 3_600_001);
    expect(await on.ask('GET', page.nextLink ?? '')).toMatchObject({
      status: 400,
      code: 'Directory_ExpiredPageToken',
    });
  });
});
