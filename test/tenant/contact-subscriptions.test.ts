import { describe, expect, it } from 'vitest';
import { askForContacts, CONTACT_ROLES } from './listening.ts';
import type { TenantOptions } from './options.ts';
import { immutable, probe, type Probe } from './probe.ts';
import { echo } from './receiver.ts';
import { MAIN_ROLES } from './tenant.ts';

const MINUTE_MS = 60_000;

function open(options: Partial<TenantOptions> = {}): Probe {
  return probe({
    app: { roles: CONTACT_ROLES },
    deliver: (request) => Promise.resolve(echo(request)),
    ...options,
  });
}

const minutes = (on: Probe, count: number): string =>
  new Date(on.clock.now() + count * MINUTE_MS).toISOString();

/** The folder path of a folder that the client made. */
async function folderOf(on: Probe, userId: string, displayName: string): Promise<string> {
  const made = await on.ask('POST', `users/${userId}/contactFolders`, { body: { displayName } });
  return `users/${userId}/contactFolders/${String(made.body['id'])}/contacts`;
}

describe('subscriptions to contacts', () => {
  it('are made for a mailbox or a folder of it, with created among the changes', async () => {
    const on = open();
    const { id } = on.owner();
    const folder = await folderOf(on, id, 'All Contacts');
    for (const resource of [`users/${id}/contacts`, `/${folder}`]) {
      const made = await askForContacts(on, resource);
      expect(made).toMatchObject({ status: 201, body: { resource, changeType: 'created,updated,deleted' } });
      const path = `subscriptions/${String(made.body['id'])}`;
      expect((await on.ask('GET', path)).status).toBe(200);
      expect((await on.ask('DELETE', path)).status).toBe(204);
    }
    expect(on.tenant.subscriptions.all()).toEqual([]);
    expect(on.tenant.oracles.violations).toEqual([]);
  });

  it('need Contacts.Read: to write contacts is not enough, to read people neither', async () => {
    const on = open({ app: { roles: MAIN_ROLES } });
    const resource = `users/${on.owner().id}/contacts`;
    expect(await askForContacts(on, resource)).toMatchObject({ status: 403, code: 'ExtensionError' });
    expect(on.tenant.denials).toEqual(new Map([['POST subscriptions', 1]]));
    const enough = open({ app: { roles: ['Contacts.Read'] } });
    const made = await askForContacts(enough, `users/${enough.owner().id}/contacts`);
    expect(made.status).toBe(201);
    const path = `subscriptions/${String(made.body['id'])}`;
    const renewed = await enough.ask('PATCH', path, { body: { expirationDateTime: minutes(enough, 99) } });
    expect(renewed.status).toBe(200);
  });

  it.each([
    ['accepted', 201],
    ['refused', 403],
  ] as const)('may be had with a role that Exchange assigned: %s', async (scopedSubscriptions, status) => {
    const on = open({ switches: { exchangeScoped: true, scopedSubscriptions } });
    const claims = Buffer.from(on.tenant.issueToken().split('.')[1] ?? '', 'base64url').toString('utf8');
    expect(claims).not.toContain('Contacts.Read');
    const { id } = on.owner();
    expect((await on.ask('GET', `users/${id}/contacts`)).status).toBe(200);
    expect((await askForContacts(on, `users/${id}/contacts`)).status).toBe(status);
    const unassigned = open({ app: { roles: MAIN_ROLES }, switches: { exchangeScoped: true } });
    expect((await askForContacts(unassigned, `users/${unassigned.owner().id}/contacts`)).status).toBe(403);
  });

  it('live at least 45 minutes and at most 10,080, when they are made and when they are renewed', async () => {
    const on = open();
    const resource = `users/${on.owner().id}/contacts`;
    const tooLong = { expirationDateTime: minutes(on, 10_081) };
    expect(await askForContacts(on, resource, tooLong)).toMatchObject({
      status: 400,
      code: 'ExtensionError',
    });
    const made = await askForContacts(on, resource, { expirationDateTime: minutes(on, 1) });
    expect(Date.parse(String(made.body['expirationDateTime'])) - on.clock.now()).toBe(45 * MINUTE_MS);
    const path = `subscriptions/${String(made.body['id'])}`;
    expect((await on.ask('PATCH', path, { body: tooLong })).status).toBe(400);
    const week = { expirationDateTime: minutes(on, 10_080) };
    expect((await on.ask('PATCH', path, { body: week })).status).toBe(200);
    await on.clock.run(on.clock.now() + 10_080 * MINUTE_MS);
    expect(await on.ask('PATCH', path, { body: week })).toMatchObject({ status: 404 });
    const clamping = open({ switches: { overlongExpiry: 'clamped' } });
    const clamped = await askForContacts(clamping, `users/${clamping.owner().id}/contacts`, {
      expirationDateTime: minutes(clamping, 99_999),
    });
    const life = Date.parse(String(clamped.body['expirationDateTime'])) - clamping.clock.now();
    expect(life).toBe(10_080 * MINUTE_MS);
  });

  it('exist once for change types and resource, where the case of a folder id counts', async () => {
    const on = open();
    const { id } = on.owner();
    const resource = `users/${id}/contacts`;
    const made = await askForContacts(on, resource);
    const again = await askForContacts(on, `/Users/${id.toUpperCase()}/contacts`, {
      changeType: 'deleted,created,updated',
    });
    expect(again).toMatchObject({ status: 409, code: 'Conflict' });
    expect(JSON.stringify(again.body)).toContain(
      `Subscription Id <${String(made.body['id'])}> already exists`,
    );
    expect((await askForContacts(on, resource, { changeType: 'updated' })).status).toBe(201);
    const folder = await folderOf(on, id, 'All Contacts');
    expect((await askForContacts(on, folder)).status).toBe(201);
    expect((await askForContacts(on, folder)).status).toBe(409);
    const other = folder.replace(/\/contactFolders\/(.+)\/contacts$/, (path) => path.toLowerCase());
    expect(await askForContacts(on, other)).toMatchObject({ status: 404, code: 'ErrorItemNotFound' });
  });

  it('are counted by mailbox: 1,000 of each, beside those to the directory', async () => {
    const on = open({ switches: { mailboxSubscriptionQuota: 2, subscriptionQuota: 1 } });
    const { id } = on.owner();
    const folders = await Promise.all(['A', 'B', 'C'].map((name) => folderOf(on, id, name)));
    const statuses = [];
    for (const folder of folders) statuses.push((await askForContacts(on, folder)).status);
    expect(statuses).toEqual([201, 201, 403]);
    expect((await askForContacts(on, `users/${on.owner().id}/contacts`)).status).toBe(201);
    const directory = { changeType: 'updated', resource: 'users' };
    expect((await askForContacts(on, 'users', directory)).status).toBe(201);
    expect(await askForContacts(on, 'groups', { changeType: 'updated', resource: 'groups' })).toMatchObject({
      status: 403,
      code: 'Forbidden',
    });
    await on.clock.run(on.clock.now() + 7 * 24 * 60 * MINUTE_MS);
    expect((await askForContacts(on, folders[2] ?? '')).status).toBe(201);
    expect(probe().tenant.switches.mailboxSubscriptionQuota).toBe(1_000);
  });

  it('meet what every call to the mailbox meets where there is none to be had', async () => {
    const on = open();
    const { mailboxes, directory } = on.tenant;
    const unlicensed = directory.addUser().id;
    const gone = '99999999-9999-4999-8999-999999999999';
    const closed = on.owner().id;
    mailboxes.setState(closed, 'out-of-scope');
    for (const [id, status, code] of [
      [gone, 404, 'ResourceNotFound'],
      [unlicensed, 404, 'MailboxNotEnabledForRESTAPI'],
      [closed, 403, 'ErrorAccessDenied'],
    ] as const) {
      expect(await askForContacts(on, `users/${id}/contacts`)).toMatchObject({ status, code });
      expect(await on.ask('GET', `users/${id}/contacts`)).toMatchObject({ status, code });
    }
    const { id } = on.owner();
    const made = await askForContacts(on, `users/${id}/contacts`);
    mailboxes.setState(id, 'on-premises');
    const path = `subscriptions/${String(made.body['id'])}`;
    const renewal = { body: { expirationDateTime: minutes(on, 99) } };
    expect(await on.ask('PATCH', path, renewal)).toMatchObject({ status: 404 });
    expect((await on.ask('DELETE', path)).status).toBe(204);
  });

  it.each([
    ['one contact', (id: string) => `users/${id}/contacts/AAMk=`],
    ['resource data', (id: string) => `users/${id}/contacts?$select=displayName`],
    ['folders', (id: string) => `users/${id}/contactFolders`],
    ['a name in place of an id', () => 'users/ada@contoso.example/contacts'],
  ])('are refused for %s', async (_what, resource) => {
    const on = open();
    expect(await askForContacts(on, resource(on.owner().id))).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
  });

  it('say that immutable ids were understood, where there are such ids', async () => {
    const on = open();
    const made = await askForContacts(on, `users/${on.owner().id}/contacts`, { headers: immutable });
    expect(made.headers['preference-applied'] ?? made.headers['Preference-Applied']).toBe(
      'IdType="ImmutableId"',
    );
    const directory = { changeType: 'updated', resource: 'users', headers: immutable };
    const users = await askForContacts(on, 'users', directory);
    expect(users.status).toBe(201);
    expect(JSON.stringify(users.headers)).not.toContain('ImmutableId');
  });
});
