import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientState, notification, openDesk, postJson, USER_ID, type Desk } from './desk.ts';

const OTHER_ID = 'cccccccc-1111-4222-8333-000000000002';
const ITEM = 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AxMdP_0zF2TKqbsU5aVm8AAB-Ag==';
const OF_CONTACTS = clientState({ resource: 'contacts', mailbox: USER_ID });

describe('notifications about contacts', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.close());

  async function post(...items: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const value = items.map((item) =>
      notification({ clientState: OF_CONTACTS, resourceData: { id: ITEM }, ...item }),
    );
    expect((await postJson(`${desk.url}/notifications`, { value })).status).toBe(202);
  }

  const look = () => ({
    v: 1,
    kind: 'contacts',
    tenant: 'contoso',
    id: USER_ID,
    causes: ['notification'],
    at: desk.clock.now(),
  });

  it.each([
    `Users/${USER_ID}/Contacts/${ITEM}`,
    `users/${USER_ID}/contacts/${ITEM}`,
    `/Users/${USER_ID.toUpperCase()}/Contacts/${ITEM}`,
    `USERS/${USER_ID}/CONTACTS/${ITEM}`,
    `users/${USER_ID}/contactFolders/AQMkADk=/contacts/${ITEM}`,
    `/Users/${USER_ID}/ContactFolders/AQMkADk=/Contacts/${ITEM}`,
    // An id may hold what is a slash elsewhere, and the owner may be named by another name.
    `Users/${USER_ID}/Contacts/AAk/A+LgAAAA=`,
    `Users/ada@contoso.example/Contacts/${ITEM}`,
    `Users/${USER_ID}/Contacts`,
  ])('ask for a look at the mailbox in every spelling: %s', async (resource) => {
    await post({ resource });
    expect(await desk.taken()).toEqual([look()]);
  });

  it('of one mailbox are one look', async () => {
    await post(
      { resource: `Users/${USER_ID}/Contacts/${ITEM}`, changeType: 'created' },
      { resource: `Users/${USER_ID}/contactFolders/AQMkADk=/Contacts/${ITEM}x`, changeType: 'deleted' },
    );
    expect(await desk.taken()).toEqual([look()]);
  });

  it.each([
    ['the mailbox of somebody else', { resource: `Users/${OTHER_ID}/Contacts/${ITEM}` }],
    ['a folder of somebody else', { resource: `users/${OTHER_ID}/contactFolders/f/contacts/${ITEM}` }],
    ['the user', { resource: `Users/${USER_ID}` }],
    ['the messages of the user', { resource: `Users/${USER_ID}/Messages/${ITEM}` }],
    ['a folder, and none of its contacts', { resource: `Users/${USER_ID}/contactFolders/f` }],
    ['contacts of nobody', { resource: `contacts/${USER_ID}` }],
    ['a contact, with a secret for users', { ...ofUsers(), resource: `Users/${USER_ID}/Contacts/${ITEM}` }],
    ['a contact, with one for groups', { ...ofUsers('groups'), resource: `Users/${USER_ID}/Contacts/x` }],
    [
      'a contact, with one for another mailbox',
      {
        clientState: clientState({ resource: 'contacts', mailbox: OTHER_ID }),
        resource: `Users/${USER_ID}/Contacts/${ITEM}`,
      },
    ],
  ])('are forged when they are about %s', async (_what, item) => {
    await post(item);
    expect(desk.receiver.counters).toMatchObject({ forged: 1, accepted: 0 });
    expect(await desk.taken()).toEqual([]);
  });

  it('without a resource are malformed', async () => {
    await post({ resource: null }, { resource: `Users/${USER_ID}/Contacts/${ITEM}` });
    expect(desk.receiver.counters).toMatchObject({ malformed: 1, forged: 0, accepted: 1 });
  });
});

function ofUsers(resource: 'users' | 'groups' = 'users'): { clientState: string } {
  return { clientState: clientState({ resource }) };
}
