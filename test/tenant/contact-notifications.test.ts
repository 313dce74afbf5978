import { describe, expect, it } from 'vitest';
import { departure } from './http/schema.ts';
import { askForContacts, CONTACT_ROLES, listen, listenToContacts, told } from './listening.ts';
import { forgeryKinds } from './notify/forgery.ts';
import { immutable, makeFolder, marks } from './probe.ts';

describe('notifications about contacts', () => {
  it('are shaped as those about messages, without organisation or sequence number', async () => {
    const { on, id, mailbox, subscription } = await listenToContacts();
    const item = on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    await on.clock.run();
    const contact = mailbox.ids.regular(item);
    const read = await on.ask('GET', `users/${id}/contacts/${encodeURIComponent(contact)}`);
    const [post] = on.posts;
    expect(post?.url).toBe('https://sync.contoso.example/contacts');
    expect(departure('notificationPost', JSON.parse(post?.body ?? ''))).toBeUndefined();
    expect(on.items()).toEqual([
      {
        subscriptionId: subscription,
        subscriptionExpirationDateTime: expect.stringMatching(/\.\d{7}-08:00$/) as string,
        changeType: 'created',
        resource: `Users/${id}/Contacts/${contact}`,
        resourceData: {
          '@odata.type': '#Microsoft.Graph.Contact',
          '@odata.id': `Users/${id}/Contacts/${contact}`,
          '@odata.etag': read.body['@odata.etag'],
          id: contact,
        },
        clientState: 'secret of contacts',
        tenantId: on.tenant.tenantId,
      },
    ]);
  });

  it.each([
    ['capitals', 'Users/', '#Microsoft.Graph.Contact'],
    ['lower-case', 'users/', '#microsoft.graph.contact'],
  ] as const)('may be spelled as %s', async (contactSpelling, start, type) => {
    const { on, id } = await listenToContacts({ switches: { contactSpelling } });
    on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    await on.clock.run();
    const [item] = on.items() as { resource: string; resourceData: Record<string, string> }[];
    expect(item?.resource.startsWith(start)).toBe(true);
    expect(item?.resourceData).toMatchObject({ '@odata.type': type, '@odata.id': item?.resource });
  });

  it('tell of what the owner does, and of what the client does, its own writes included', async () => {
    const { on, id, mailbox } = await listenToContacts();
    const { mailboxes } = on.tenant;
    const item = mailboxes.addContact(id, { displayName: 'Ada' });
    mailboxes.editContact(id, item, { jobTitle: 'Countess' });
    mailboxes.setCategories(id, item, ['Private']);
    mailboxes.setSensitivity(id, item, 'private');
    const [own, copy] = [item, mailboxes.copyContact(id, item)].map((one) => mailbox.ids.regular(one));
    mailboxes.deleteContact(id, item);
    expect(await told(on)).toEqual([
      `created ${own}`,
      ...Array(3).fill(`updated ${own}`),
      `created ${copy}`,
      `deleted ${own}`,
    ]);
    const path = `users/${id}/contacts`;
    const made = await on.ask('POST', path, { body: { displayName: 'Bob', ...marks('u1') } });
    const contact = String(made.body['id']);
    const one = `${path}/${encodeURIComponent(contact)}`;
    await on.ask('PATCH', one, { body: { jobTitle: 'x' } });
    await on.ask('POST', `${one}/permanentDelete`, { body: {} });
    expect(await told(on)).toEqual(['created', 'updated', 'deleted'].map((what) => `${what} ${contact}`));
  });

  it('name items by immutable ids only when the subscription was made for them', async () => {
    const { on, id, mailbox } = await listenToContacts({}, immutable);
    const item = on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    const contact = mailbox.ids.immutable(item);
    on.tenant.mailboxes.moveContact(id, item, on.tenant.mailboxes.addFolder(id, 'Family'));
    // The header of another call changes nothing.
    await on.ask('PATCH', `users/${id}/contacts/${encodeURIComponent(contact)}`, { body: { jobTitle: 'x' } });
    expect(new Set((await told(on)).map((line) => line.split(' ')[1]))).toEqual(new Set([contact]));
  });

  it('call a move a deletion where it was and a creation where it is, under the ids of both', async () => {
    const { on, id, mailbox } = await listenToContacts({ switches: { contactsNotify: 'default-folder' } });
    const { mailboxes } = on.tenant;
    const folder = mailboxes.addFolder(id, 'Family');
    expect((await askForContacts(on, `users/${id}/contactFolders/${folder.id}/contacts`)).status).toBe(201);
    const item = mailboxes.addContact(id, { displayName: 'Ada' });
    const before = mailbox.ids.regular(item);
    mailboxes.moveContact(id, item, folder);
    const within = mailbox.ids.regular(item);
    mailboxes.moveContact(id, item, mailbox.contacts);
    const after = mailbox.ids.regular(item);
    expect(new Set([before, within, after]).size).toBe(3);
    expect(await told(on)).toEqual([
      `created ${before}`,
      `deleted ${before}`,
      `created ${within}`,
      `deleted ${within}`,
      `created ${after}`,
    ]);
    expect((await on.ask('GET', `users/${id}/contacts/${encodeURIComponent(before)}`)).status).toBe(404);
  });

  it.each([
    ['told', 2],
    ['untold', 0],
  ] as const)('may say nothing of what goes elsewhere: %s', async (contactLeaving, count) => {
    const { on, id } = await listenToContacts({ switches: { contactLeaving } });
    const { mailboxes } = on.tenant;
    const folder = mailboxes.addFolder(id, 'Family');
    const items = ['Ada', 'Bob', 'Cyn'].map((displayName) => mailboxes.addContact(id, { displayName }));
    await told(on);
    mailboxes.moveContact(id, items[0]!, folder);
    mailboxes.deleteContact(id, items[1]!);
    const deletions = (await told(on)).filter((line) => line.startsWith('deleted'));
    expect(deletions).toHaveLength(count);
    const last = on.tenant.mailboxes.get(id).ids.regular(items[2]!);
    await on.ask('POST', `users/${id}/contacts/${encodeURIComponent(last)}/permanentDelete`, { body: {} });
    expect(await told(on)).toEqual([`deleted ${last}`]);
  });

  it.each([
    ['all-folders', 2],
    ['default-folder', 1],
  ] as const)('of a mailbox are about all folders or about one: %s', async (contactsNotify, count) => {
    const { on, id } = await listenToContacts({ switches: { contactsNotify } });
    on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    on.tenant.mailboxes.addContact(id, { displayName: 'Bob' }, on.tenant.mailboxes.addFolder(id, 'Family'));
    expect(await told(on)).toHaveLength(count);
  });

  it('of a folder are about that folder, down to the deletion of the folder', async () => {
    const on = await listen({ app: { roles: CONTACT_ROLES } });
    const { id } = on.owner();
    const contacts = await makeFolder(on, id, 'All Contacts');
    expect((await askForContacts(on, decodeURIComponent(contacts))).status).toBe(201);
    on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    const made = await on.ask('POST', contacts, { body: { displayName: 'Bob', ...marks('u1') } });
    expect(await told(on)).toEqual([`created ${String(made.body['id'])}`]);
    await on.ask('DELETE', contacts.replace(/\/contacts$/, ''));
    expect(await told(on)).toEqual([`deleted ${String(made.body['id'])}`]);
    expect(on.tenant.oracles.violations).toEqual([]);
  });

  it.each([
    [true, 4],
    [false, 0],
  ])('may pass over marks, as delta and the etag do: %s', async (marksTouchContact, count) => {
    const { on, id } = await listenToContacts({ switches: { marksTouchContact } });
    const path = `users/${id}/contacts`;
    const { extensions, ...property } = marks('u1') as { extensions: unknown[] };
    const made = await on.ask('POST', path, { body: { displayName: 'Ada', ...property } });
    const one = `${path}/${encodeURIComponent(String(made.body['id']))}`;
    const read = await on.ask('GET', one);
    await on.clock.run(on.clock.now() + 60_000);
    await told(on);
    await on.ask('PATCH', one, { body: property });
    await on.ask('POST', `${one}/extensions`, { body: extensions[0] });
    await on.ask('PATCH', `${one}/extensions/app.entra-contact-sync`, { body: { route: 'other' } });
    await on.ask('DELETE', `${one}/extensions/app.entra-contact-sync`);
    expect(await told(on)).toHaveLength(count);
    const later = await on.ask('GET', one);
    for (const name of ['@odata.etag', 'changeKey', 'lastModifiedDateTime'])
      expect([name, later.body[name] === read.body[name]]).toEqual([name, !marksTouchContact]);
    await on.ask('PATCH', one, { body: { ...property, jobTitle: 'x' } });
    expect(await told(on)).toHaveLength(1);
  });

  it('go through the same faults as any other', async () => {
    const doubled = await listenToContacts({ faults: { notificationDuplicated: 1 } });
    doubled.on.tenant.mailboxes.addContact(doubled.id, { displayName: 'Ada' });
    expect(await told(doubled.on)).toHaveLength(2);
    const lost = await listenToContacts();
    lost.on.tenant.notifier.loseNext(1);
    lost.on.tenant.mailboxes.addContact(lost.id, { displayName: 'Ada' });
    expect(await told(lost.on)).toEqual([]);
    const gone = await listenToContacts({ faults: { subscriptionVanished: 1 } });
    gone.on.tenant.mailboxes.addContact(gone.id, { displayName: 'Ada' });
    await gone.on.clock.run();
    expect(gone.on.posts).toEqual([]);
    expect(gone.on.tenant.subscriptions.get(gone.subscription)).toBeUndefined();
  });

  it('end with the subscription: removed by the client, or at the end of its life', async () => {
    const { on, id, subscription } = await listenToContacts();
    expect((await on.ask('DELETE', `subscriptions/${subscription}`)).status).toBe(204);
    on.tenant.mailboxes.addContact(id, { displayName: 'Ada' });
    expect(await told(on)).toEqual([]);
    expect((await askForContacts(on, `users/${id}/contacts`)).status).toBe(201);
    on.tenant.mailboxes.addContact(id, { displayName: 'Bob' });
    expect(await told(on)).toHaveLength(1);
    await on.clock.run(on.clock.now() + 7 * 24 * 3_600_000);
    on.tenant.mailboxes.addContact(id, { displayName: 'Cyn' });
    expect(await told(on)).toEqual([]);
  });

  it('may be forged, and whoever follows one asks for a mailbox that nobody has', async () => {
    const { on, id, subscription } = await listenToContacts();
    const live = on.tenant.subscriptions.get(subscription);
    for (const kind of forgeryKinds) on.tenant.notifier.forge(kind, live!);
    await on.clock.run();
    const resources = on.items().map(({ resource }) => String(resource).split('/'));
    expect(resources.map((parts) => parts[2] ?? 'none').toSorted()).toEqual([
      ...Array(forgeryKinds.length - 1).fill('Contacts'),
      'none',
    ]);
    expect(resources.map(([, user]) => user)).not.toContain(id);
    await on.ask('GET', `users/${resources[0]?.[1]}/contacts`);
    expect(on.tenant.oracles.violations).toMatchObject([{ kind: 'forgery-followed' }]);
  });
});
