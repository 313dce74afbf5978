import { describe, expect, it } from 'vitest';
import { departure } from './http/schema.ts';
import { listenToContacts, told } from './listening.ts';

describe('lifecycle notifications of contacts', () => {
  it('say that something was missed, in place of what it was', async () => {
    const { on, id, subscription } = await listenToContacts();
    on.tenant.notifier.missNext(1);
    const item = on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    await on.clock.run();
    expect(on.posts.map(({ url }) => url)).toEqual(['https://sync.contoso.example/lifecycle']);
    expect(departure('lifecycleNotification', on.items()[0])).toBeUndefined();
    expect(on.items()).toEqual([
      {
        subscriptionId: subscription,
        subscriptionExpirationDateTime: expect.any(String) as string,
        tenantId: on.tenant.tenantId,
        clientState: 'secret of contacts',
        lifecycleEvent: 'missed',
      },
    ]);
    on.posts.length = 0;
    on.tenant.mailboxes.editContact(id, item, { jobTitle: 'x' });
    expect(await told(on)).toHaveLength(1);
  });

  it('say that a subscription was removed, which it then is', async () => {
    const { on, subscription } = await listenToContacts();
    on.tenant.notifier.removeSubscription(subscription);
    await on.clock.run();
    expect(on.items()).toMatchObject([
      {
        lifecycleEvent: 'subscriptionRemoved',
        subscriptionId: subscription,
        clientState: 'secret of contacts',
      },
    ]);
    expect((await on.ask('GET', `subscriptions/${subscription}`)).status).toBe(404);
    const [users] = on.tenant.subscriptions.all();
    expect(() => on.tenant.notifier.removeSubscription(users?.id ?? '')).toThrow('No subscription');
  });

  it('come by chance as well, and never of users and groups', async () => {
    for (const [fault, event] of [
      ['notificationMissed', 'missed'],
      ['subscriptionRemoved', 'subscriptionRemoved'],
    ] as const) {
      const { on, id } = await listenToContacts();
      on.tenant.setFaults({ [fault]: 1 });
      const user = on.tenant.directory.addUser();
      on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
      await on.clock.run();
      expect(on.items().map((item) => item['lifecycleEvent'] ?? item['resource'])).toEqual([
        event,
        `Users/${user.id}`,
      ]);
      expect(on.tenant.faultCounts.get(fault)).toBe(1);
      expect(on.tenant.notifier.lost).toBe(1);
    }
  });

  it('ask for reauthorization as of any other, and a pause follows', async () => {
    const { on, id, subscription } = await listenToContacts();
    on.tenant.notifier.requireReauthorization(subscription);
    await on.clock.run(on.clock.now() + 3_600_000);
    expect(on.items()).toMatchObject([{ lifecycleEvent: 'reauthorizationRequired' }]);
    on.posts.length = 0;
    on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    expect(await told(on)).toEqual([]);
    await on.ask('POST', `subscriptions/${subscription}/reauthorize`);
    on.tenant.mailboxes.addContact(id, { displayName: 'Bob' });
    expect(await told(on)).toHaveLength(1);
  });
});
