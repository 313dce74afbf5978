import { describe, expect, it } from 'vitest';
import { probe, type Probe, type Told } from './probe.ts';
import { echo } from './receiver.ts';
import { MAIN_ROLES } from './tenant.ts';

const CONTACTS = 'Contacts.ReadWrite';
const GROUPS = 'Group.Read.All';
const PEOPLE = 'User.Read.All';
const FOLDER = 'users/{id}/contactFolders';

function open(roles: readonly string[]): Probe {
  return probe({ app: { roles }, deliver: (request) => Promise.resolve(echo(request)) });
}

/** A call that every app may make as far as permissions go, about somebody who may not even exist. */
async function call(on: Probe, operation: string): Promise<Told> {
  const [method = '', path = ''] = operation.split(' ');
  return on.ask(method, path.replace('{id}', on.owner().id), method === 'POST' ? { body: {} } : {});
}

async function subscribe(on: Probe, resource: string): Promise<Told> {
  const url = 'https://sync.contoso.example/notifications';
  const expirationDateTime = new Date(on.clock.now() + 24 * 3_600_000).toISOString();
  const urls = { notificationUrl: url, lifecycleNotificationUrl: url };
  const body = { changeType: 'updated,deleted', resource, clientState: 's', expirationDateTime, ...urls };
  return on.ask('POST', 'subscriptions', { body });
}

/** What the product asks for, and what the published permissions are (learn.microsoft.com/graph/permissions-reference). */
const OPERATIONS: readonly (readonly [string, readonly string[]])[] = [
  ['GET users/{id}', [PEOPLE]],
  ['GET users/delta', [PEOPLE]],
  ['GET users/{id}/photo', [PEOPLE, 'ProfilePhoto.Read.All']],
  ['GET users/{id}/photo/$value', [PEOPLE, 'ProfilePhoto.Read.All']],
  ['GET groups/delta', [GROUPS, 'GroupMember.Read.All']],
  [`GET ${FOLDER}`, [CONTACTS, 'Contacts.Read']],
  [`POST ${FOLDER}`, [CONTACTS]],
  [`PATCH ${FOLDER}/f`, [CONTACTS]],
  [`DELETE ${FOLDER}/f`, [CONTACTS]],
  [`POST ${FOLDER}/f/permanentDelete`, [CONTACTS]],
  [`GET ${FOLDER}/f/childFolders`, [CONTACTS, 'Contacts.Read']],
  [`GET ${FOLDER}/f/contacts`, [CONTACTS, 'Contacts.Read']],
  [`POST ${FOLDER}/f/contacts`, [CONTACTS]],
  [`GET ${FOLDER}/f/contacts/delta`, [CONTACTS, 'Contacts.Read']],
  [`GET ${FOLDER}/f/contacts/c`, [CONTACTS, 'Contacts.Read']],
  [`PATCH ${FOLDER}/f/contacts/c`, [CONTACTS]],
  [`DELETE ${FOLDER}/f/contacts/c`, [CONTACTS]],
  [`POST ${FOLDER}/f/contacts/c/permanentDelete`, [CONTACTS]],
  [`PATCH ${FOLDER}/f/contacts/c/photo/$value`, [CONTACTS]],
  ['GET users/{id}/mailboxSettings/userPurpose', ['MailboxSettings.Read', 'MailboxSettings.ReadWrite']],
];
const EVERY = [...new Set([...MAIN_ROLES, ...OPERATIONS.flatMap(([, roles]) => roles)])];

describe('permissions', () => {
  it.each(OPERATIONS)('%s is opened by any of %j, and by nothing else', async (operation, roles) => {
    for (const role of roles) {
      const on = open([role]);
      expect((await call(on, operation)).status, role).not.toBe(403);
      expect(on.tenant.denials).toEqual(new Map());
    }
    const without = open(EVERY.filter((role) => !roles.includes(role)));
    expect(await call(without, operation)).toMatchObject({ status: 403 });
    expect([...without.tenant.denials.values()]).toEqual([1]);
  });

  it('a deleted object is shown to whoever may read its kind', async () => {
    for (const roles of [[PEOPLE], [GROUPS]]) {
      const on = open(roles);
      const { directory } = on.tenant;
      const user = directory.addUser();
      directory.deleteUser(user.id);
      await on.clock.run(on.clock.now() + 60_000);
      const { status } = await on.ask('GET', `directory/deletedItems/${user.id}?$select=id`);
      expect(status).toBe(roles.includes(PEOPLE) ? 200 : 403);
    }
    expect(await call(open([CONTACTS]), 'GET directory/deletedItems/nobody')).toMatchObject({
      status: 403,
    });
  });

  it.each([
    ['users', [PEOPLE], [GROUPS, CONTACTS]],
    // To read members is not enough to be told of changes.
    ['groups', [GROUPS], ['GroupMember.Read.All', PEOPLE]],
  ])('a subscription to %s is made, renewed and ended with %j', async (resource, enough, tooLittle) => {
    const on = open(enough);
    const made = await subscribe(on, resource);
    expect(made.status).toBe(201);
    expect((await on.ask('DELETE', `subscriptions/${String(made.body['id'])}`)).status).toBe(204);
    const denied = open(tooLittle);
    expect(await subscribe(denied, resource)).toMatchObject({ status: 403 });
    expect(denied.tenant.denials).toEqual(new Map([['POST subscriptions', 1]]));
  });
});
