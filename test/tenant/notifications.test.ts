import { describe, expect, it } from 'vitest';
import { departure } from './http/schema.ts';
import { listen } from './listening.ts';
import { forgeryKinds } from './notify/forgery.ts';

describe('notifications', () => {
  it('have the recorded shape, down to the sequence number that JSON.parse rounds', async () => {
    const on = await listen();
    const user = on.tenant.directory.addUser();
    await on.clock.run();
    expect(on.posts).toHaveLength(1);
    const [post] = on.posts;
    const digits = /"sequenceNumber":(\d{18})[,}]/.exec(post?.body ?? '')?.[1] ?? '';
    expect(String(Number(digits))).not.toBe(digits);
    expect(departure('notificationPost', JSON.parse(post?.body ?? ''))).toBeUndefined();
    expect(on.items()[0]).toMatchObject({
      changeType: 'updated',
      clientState: 'secret of users',
      resource: `Users/${user.id}`,
      resourceData: {
        '@odata.type': '#Microsoft.Graph.User',
        '@odata.id': `Users/${user.id}`,
        id: user.id,
        organizationId: on.tenant.tenantId,
      },
      subscriptionExpirationDateTime: expect.stringMatching(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}-08:00$/,
      ) as string,
      tenantId: on.tenant.tenantId,
    });
    expect(on.items()[0]).not.toHaveProperty('id');
  });

  it('call a soft deletion an update and only the final one a deletion', async () => {
    const on = await listen();
    const user = on.tenant.directory.addUser();
    on.tenant.directory.deleteUser(user.id);
    await on.clock.run();
    on.tenant.directory.purgeUser(user.id);
    await on.clock.run();
    expect(on.items().map(({ changeType }) => changeType)).toEqual(['updated', 'updated', 'deleted']);
  });

  it('hint at members of the group that changed, which is the nested one', async () => {
    const on = await listen();
    const [outer, inner] = [on.tenant.directory.addGroup(), on.tenant.directory.addGroup()];
    on.tenant.directory.addMember(outer.id, inner.id);
    const user = on.tenant.directory.addUser();
    await on.clock.run();
    on.posts.length = 0;
    on.tenant.directory.addMember(inner.id, user.id);
    on.tenant.directory.removeMember(inner.id, user.id);
    await on.clock.run();
    expect(on.items()).toMatchObject([
      { resource: `Groups/${inner.id}`, resourceData: { 'members@delta': [{ id: user.id }] } },
      {
        resource: `Groups/${inner.id}`,
        resourceData: { 'members@delta': [{ id: user.id, '@removed': 'deleted' }] },
      },
    ]);
  });

  it('share posts when they fall together, up to a hundred', async () => {
    const on = await listen();
    for (let n = 0; n < 250; n += 1) on.tenant.directory.addUser();
    await on.clock.run();
    expect(on.posts.map(({ body }) => (JSON.parse(body) as { value: unknown[] }).value.length)).toEqual([
      100, 100, 50,
    ]);
  });

  it('may be lost, doubled, late or out of order', async () => {
    const lost = await listen({ faults: { notificationLost: 1 } });
    lost.tenant.directory.addUser();
    await lost.clock.run();
    expect([lost.posts.length, lost.tenant.notifier.lost]).toEqual([0, 1]);
    const doubled = await listen({ faults: { notificationDuplicated: 1 } });
    doubled.tenant.directory.addUser();
    await doubled.clock.run();
    expect(doubled.items()).toHaveLength(2);
    const mixed = await listen({ faults: { notificationReordered: 0.5 } });
    const ids = Array.from({ length: 20 }, () => mixed.tenant.directory.addUser().id);
    await mixed.clock.run();
    const seen = mixed.items().map(({ resource }) => String(resource).slice(6));
    expect(seen).not.toEqual(ids);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    const late = await listen({ faults: { notificationDelayed: 1 } });
    const from = late.clock.now();
    for (let n = 0; n < 20; n += 1) late.tenant.directory.addUser();
    await late.clock.run();
    expect((late.posts.at(-1)?.at ?? 0) - from).toBeGreaterThan(3_600_000);
    expect((late.posts.at(-1)?.at ?? 0) - from).toBeLessThan(4 * 3_600_000 + 1_000);
  });

  it('may be forged, and whoever follows one gives itself away', async () => {
    const on = await listen();
    const [subscription] = on.tenant.subscriptions.all();
    for (const kind of forgeryKinds) on.tenant.notifier.forge(kind, subscription!);
    await on.clock.run();
    const genuine = on.items().filter((item) => item['clientState'] === 'secret of users');
    expect(
      genuine.map((item) => [
        item['tenantId'] === on.tenant.tenantId,
        String(item['resource']).split('/')[0],
      ]),
    ).toEqual([
      [false, 'Users'],
      [true, 'Groups'],
    ]);
    expect(on.items()).toHaveLength(forgeryKinds.length);
    const [id] = [...on.tenant.notifier.forgedIds];
    expect(on.tenant.oracles.violations).toEqual([]);
    await on.batch([{ id: '1', method: 'GET', url: `/users/${id}` }]);
    expect(on.tenant.oracles.violations).toMatchObject([{ kind: 'forgery-followed' }]);
  });

  it('end without a word when a subscription vanishes', async () => {
    const on = await listen({ faults: { subscriptionVanished: 1 } });
    on.tenant.directory.addUser();
    await on.clock.run();
    expect(on.posts).toEqual([]);
    expect((await on.ask('GET', 'subscriptions')).value).toMatchObject([{ resource: 'groups' }]);
  });
});

describe('lifecycle notifications', () => {
  it('ask for reauthorization at their own URL, and a pause follows when nobody answers', async () => {
    const on = await listen({ switches: { reauthorizeWithinMs: 3_600_000 } });
    on.tenant.notifier.requireReauthorization();
    await on.clock.run(on.clock.now() + 1_000);
    expect(on.posts.map(({ url }) => url)).toEqual(['https://sync.contoso.example/lifecycle']);
    expect(on.items()).toMatchObject([
      {
        lifecycleEvent: 'reauthorizationRequired',
        clientState: 'secret of users',
        tenantId: on.tenant.tenantId,
      },
      { lifecycleEvent: 'reauthorizationRequired', clientState: 'secret of groups' },
    ]);
    expect(on.items()[0]).not.toHaveProperty('resource');
    expect(departure('notificationPost', JSON.parse(on.posts[0]?.body ?? ''))).toBeUndefined();
    const [users] = on.tenant.subscriptions.all();
    await on.ask('POST', `subscriptions/${users?.id}/reauthorize`);
    await on.clock.run(on.clock.now() + 3_600_000);
    on.posts.length = 0;
    on.tenant.directory.addUser();
    on.tenant.directory.addGroup();
    await on.clock.run();
    expect(on.posts.map(({ url }) => url)).toEqual(['https://sync.contoso.example/users']);
  });

  it('may come again and again', async () => {
    const on = await listen({ switches: { reauthorizeEveryMs: 900_000 } });
    await on.clock.run(on.clock.now() + 3_600_000);
    expect(on.items()).toHaveLength(2 * 4);
    expect(on.items().every(({ lifecycleEvent }) => lifecycleEvent === 'reauthorizationRequired')).toBe(true);
  });
});
