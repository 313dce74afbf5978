import { describe, expect, it } from 'vitest';
import { probe } from './probe.ts';

describe('people and groups', () => {
  it('shows the default properties, and others only when selected', async () => {
    const { tenant, ask } = probe();
    const user = tenant.directory.addUser({ displayName: 'Ada', companyName: 'Contoso' });
    const plain = await ask('GET', `users/${user.id}`);
    expect(plain.body).toMatchObject({
      id: user.id,
      displayName: 'Ada',
      mobilePhone: null,
      businessPhones: [],
    });
    expect(plain.body).not.toHaveProperty('companyName');
    const chosen = await ask('GET', `users/${user.id}?$select=companyName,accountEnabled`);
    expect(chosen.body).toMatchObject({ companyName: 'Contoso', accountEnabled: true });
    expect(chosen.body).not.toHaveProperty('displayName');
  });

  it('finds a person by the user principal name, in whatever case, and nobody who is deleted', async () => {
    const { tenant, ask } = probe();
    const { id } = tenant.directory.addUser({ userPrincipalName: 'Ada@contoso.example' });
    expect((await ask('GET', 'users/ada%40CONTOSO.example?$select=id')).body).toMatchObject({ id });
    expect(await ask('GET', 'users/bob%40contoso.example')).toMatchObject({ status: 404 });
    tenant.directory.deleteUser(id);
    expect(await ask('GET', 'users/ada%40contoso.example')).toMatchObject({ status: 404 });
  });

  it('refuses a property that users do not have, and unknown options', async () => {
    const { tenant, ask } = probe();
    const user = tenant.directory.addUser();
    expect(await ask('GET', `users/${user.id}?$select=shoeSize`)).toMatchObject({
      status: 400,
      code: 'Request_BadRequest',
    });
    expect(await ask('GET', `users/${user.id}?$expand=photo`)).toMatchObject({ status: 400 });
    expect(await ask('GET', `users/${user.id}?$select=manager`)).toMatchObject({ status: 400 });
    expect(await ask('GET', 'people/1')).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it('answers 404 for a soft-deleted person, who lies in deletedItems for 30 days', async () => {
    const { tenant, clock, ask } = probe();
    const user = tenant.directory.addUser({ displayName: 'Ada' });
    tenant.directory.deleteUser(user.id);
    expect(await ask('GET', `users/${user.id}`)).toMatchObject({
      status: 404,
      code: 'Request_ResourceNotFound',
    });
    expect(await ask('GET', `directory/deletedItems/${user.id}`)).toMatchObject({
      status: 200,
      body: { id: user.id },
    });
    await clock.run(clock.now() + 31 * 24 * 3_600_000);
    expect(await ask('GET', `directory/deletedItems/${user.id}`)).toMatchObject({ status: 404 });
    expect(() => tenant.directory.restoreUser(user.id)).toThrow('not soft');
  });

  it('gives a restored person back with groups and all', async () => {
    const { tenant, ask } = probe();
    const group = tenant.directory.addGroup();
    const user = tenant.directory.addUser();
    tenant.directory.addMember(group.id, user.id);
    tenant.directory.deleteUser(user.id);
    expect((await ask('GET', `groups/${group.id}/members`)).value).toEqual([]);
    tenant.directory.restoreUser(user.id);
    expect((await ask('GET', `groups/${group.id}/members`)).value).toMatchObject([{ id: user.id }]);
  });

  it('lists direct members with nested groups, and the closure flat and without a loop', async () => {
    const { tenant, ask } = probe();
    const [outer, inner] = [tenant.directory.addGroup(), tenant.directory.addGroup()];
    const [near, far] = [tenant.directory.addUser(), tenant.directory.addUser()];
    tenant.directory.addMember(outer.id, near.id);
    tenant.directory.addMember(outer.id, inner.id);
    tenant.directory.addMember(inner.id, far.id);
    tenant.directory.addMember(inner.id, outer.id);
    const direct = await ask('GET', `groups/${outer.id}/members`);
    expect(direct.value).toMatchObject([
      { '@odata.type': '#microsoft.graph.user', id: near.id },
      { '@odata.type': '#microsoft.graph.group', id: inner.id },
    ]);
    const people = `groups/${outer.id}/transitiveMembers/microsoft.graph.user`;
    expect(new Set((await ask('GET', people)).value.map(({ id }) => id))).toEqual(new Set([near.id, far.id]));
    expect(await ask('GET', `${people}?$count=true`)).toMatchObject({ status: 400 });
    const counted = await ask('GET', `${people}?$count=true&$top=1`, {
      headers: { ConsistencyLevel: 'eventual' },
    });
    expect(counted.body).toMatchObject({ '@odata.count': 2 });
    expect(counted.nextLink).toContain('$skiptoken=1');
  });
});

describe('groups', () => {
  it.each([
    ['hard', 404, 'deleted'],
    ['soft', 200, 'changed'],
  ] as const)('deletes a group at once, or softly: %s', async (groupDeletion, status, reason) => {
    const { tenant, ask } = probe({ switches: { groupDeletion } });
    const group = tenant.directory.addGroup();
    const { deltaLink } = await ask('GET', 'groups/delta');
    tenant.directory.deleteGroup(group.id);
    expect(await ask('GET', `groups/${group.id}`)).toMatchObject({ status: 404 });
    expect(await ask('GET', `directory/deletedItems/${group.id}`)).toMatchObject({ status });
    expect((await ask('GET', deltaLink ?? '')).value).toEqual([{ id: group.id, '@removed': { reason } }]);
  });
});

describe('staleness', () => {
  it('may show the past, or nothing, for a while after a write, and the truth after that', async () => {
    const { tenant, clock, ask } = probe({
      faults: { staleRead: 0.5, notFoundThenFound: 0.2 },
      switches: { staleMs: 30_000 },
    });
    const user = tenant.directory.addUser({ displayName: 'before' });
    await clock.run(clock.now() + 60_000);
    tenant.directory.updateUser(user.id, { displayName: 'after' });
    await clock.run(clock.now() + 1_000);
    const seen = new Set<unknown>();
    for (let times = 0; times < 60; times += 1) {
      const answer = await ask('GET', `users/${user.id}`);
      seen.add(answer.status === 404 ? 404 : answer.body['displayName']);
    }
    expect(seen).toEqual(new Set(['before', 'after', 404]));
    expect(tenant.faultCounts.get('staleRead')).toBeGreaterThan(5);
    await clock.run(clock.now() + 30_000);
    for (let times = 0; times < 30; times += 1) {
      expect((await ask('GET', `users/${user.id}`)).body).toMatchObject({ displayName: 'after' });
    }
  });

  it('may show a member who has left', async () => {
    const { tenant, clock, ask } = probe({ faults: { staleRead: 1 } });
    const group = tenant.directory.addGroup();
    const user = tenant.directory.addUser();
    tenant.directory.addMember(group.id, user.id);
    await clock.run(clock.now() + 60_000);
    tenant.directory.removeMember(group.id, user.id);
    expect((await ask('GET', `groups/${group.id}/members`)).value).toMatchObject([{ id: user.id }]);
    await clock.run(clock.now() + 60_000);
    expect((await ask('GET', `groups/${group.id}/members`)).value).toEqual([]);
  });
});
