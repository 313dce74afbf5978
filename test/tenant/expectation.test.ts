import { describe, expect, it } from 'vitest';
import { seededRandom } from '../kit/seeded-random.ts';
import { expectedContacts, type ContactFields, type DirectoryJob } from './directory-job.ts';
import { compareMailboxes } from './expectation.ts';
import { populate } from './population.ts';
import { makeFolder, marks, probe, type Probe } from './probe.ts';

const FOLDER = 'Company Directory';

/** Writes what is expected, as a perfect client would. */
async function fill(on: Probe, job: DirectoryJob): Promise<void> {
  for (const [mailbox, people] of expectedContacts(on.tenant, job)) {
    const contacts = await makeFolder(on, mailbox, FOLDER);
    for (const [source, fields] of people) {
      const answer = await on.ask('POST', contacts, { body: { ...fields, ...marks(source) } });
      expect(answer.status).toBe(201);
    }
  }
}

describe('expectation', () => {
  it('takes nested members who are enabled, no guests and not deleted, and nobody in their own mailbox', () => {
    const on = probe();
    const { directory } = on.tenant;
    const [outer, inner] = [directory.addGroup(), directory.addGroup()];
    directory.addMember(outer.id, inner.id);
    const reachable = { surname: 'Somebody', mobilePhone: '1' };
    const people = {
      owner: on.owner({ displayName: 'Owner', mail: 'o@x.example' }),
      nested: directory.addUser({
        displayName: 'Nested',
        surname: 'Nested',
        businessPhones: ['1', '2', '3'],
      }),
      disabled: on.owner({ ...reachable, accountEnabled: false }),
      guest: directory.addUser({ ...reachable, userType: 'Guest' }),
      leaver: on.owner(reachable),
      outsider: on.owner(reachable),
      hidden: directory.addUser({ ...reachable, showInAddressList: false }),
      unreachable: directory.addUser({ surname: 'Nobody' }),
      nameless: directory.addUser({ displayName: 'Scanner', mobilePhone: '1' }),
    };
    for (const [name, { id }] of Object.entries(people))
      if (name !== 'outsider') directory.addMember(inner.id, id);
    directory.deleteUser(people.leaver.id);
    const job: DirectoryJob = { sourceGroups: [outer.id], target: 'licensed', folder: FOLDER };
    const expected = expectedContacts(on.tenant, job);
    expect(new Set(expected.keys())).toEqual(
      new Set([people.owner.id, people.disabled.id, people.outsider.id]),
    );
    expect(new Set(expected.get(people.owner.id)?.keys())).toEqual(new Set([people.nested.id]));
    const inOutsider = expected.get(people.outsider.id) ?? new Map<string, ContactFields>();
    expect(new Set(inOutsider.keys())).toEqual(new Set([people.owner.id, people.nested.id]));
    expect(inOutsider.get(people.owner.id)).toMatchObject({
      emailAddresses: [{ name: 'Owner', address: 'o@x.example' }],
    });
    expect(inOutsider.get(people.nested.id)).toMatchObject({
      emailAddresses: [],
      businessPhones: ['1', '2'],
      mobilePhone: null,
    });
  });

  it('narrows the mailboxes to groups or people', () => {
    const on = probe();
    const [first, second] = [on.owner(), on.owner()];
    const group = on.tenant.directory.addGroup();
    on.tenant.directory.addMember(group.id, first.id);
    const keys = (target: DirectoryJob['target']): string[] => [
      ...expectedContacts(on.tenant, { sourceGroups: [], target, folder: FOLDER }).keys(),
    ];
    expect(keys({ groups: [group.id] })).toEqual([first.id]);
    expect(keys({ users: [second.id] })).toEqual([second.id]);
  });

  it('finds nothing wrong with a perfect fill, and every kind of fault in a spoiled one', async () => {
    const on = probe();
    const population = populate(on.tenant, seededRandom(4), { people: 12, mailboxes: 3 });
    const job: DirectoryJob = { sourceGroups: [population.source.id], target: 'licensed', folder: FOLDER };
    await fill(on, job);
    expect(compareMailboxes(on.tenant, job)).toEqual({
      divergences: [],
      duplicates: 0,
      foreignTouched: 0,
      contacts: 33,
    });
    const [owner] = population.owners;
    const { mailboxes } = on.tenant;
    const [missing, edited, copied] = [
      ...(mailboxes.get(owner!.id).folderNamed(FOLDER)?.items.values() ?? []),
    ];
    mailboxes.deleteContact(owner!.id, missing!);
    mailboxes.editContact(owner!.id, edited!, { mobilePhone: '+1 edited', jobTitle: null });
    mailboxes.copyContact(owner!.id, copied!);
    on.tenant.directory.deleteUser(population.people[11]!.id);
    const result = compareMailboxes(on.tenant, job);
    expect(result.duplicates).toBe(1);
    expect(new Set(result.divergences.map(({ kind }) => kind))).toEqual(
      new Set(['missing', 'fields', 'extra']),
    );
    expect(result.divergences.filter(({ kind }) => kind === 'extra')).toHaveLength(3);
    expect(result.divergences.find(({ kind }) => kind === 'fields')?.fields).toContain('mobilePhone');
  });

  it('sees what was left behind in a mailbox that is no longer a target', async () => {
    const on = probe();
    const population = populate(on.tenant, seededRandom(4), { people: 4, mailboxes: 2 });
    const [first, second] = population.owners.map(({ id }) => id);
    const job = { sourceGroups: [population.source.id], folder: FOLDER };
    await fill(on, { ...job, target: { users: [first!, second!] } });
    const result = compareMailboxes(on.tenant, { ...job, target: { users: [first!] } });
    expect(result.divergences.map(({ kind, mailbox }) => `${kind} ${mailbox}`)).toEqual(
      Array.from({ length: 3 }, () => `extra ${second}`),
    );
  });
});

function populated(): { names: (string | null)[]; on: Probe } {
  const on = probe();
  const { people } = populate(on.tenant, seededRandom(7), { people: 300, mailboxes: 20 });
  return { names: people.map(({ displayName }) => displayName), on };
}

describe('population', () => {
  it('is the same for a seed, nested, of every kind of name, and with contacts of the owners', () => {
    const [one, two] = [populated(), populated()];
    expect(one.names).toEqual(two.names);
    const text = one.names.join('\n');
    for (const kind of [/ü/, /'/, /\p{Script=Han}/u, /\p{Emoji_Presentation}/u, /\p{Script=Arabic}/u])
      expect(text).toMatch(kind);
    const { directory, mailboxes } = one.on.tenant;
    const source = [...directory.groups.keys()][0] ?? '';
    expect(directory.transitiveUsers(source).size).toBe(300);
    const depths = [...directory.groups.keys()].map((id) => directory.parentsOf(id).has(source));
    expect(depths.filter((direct) => !direct).length).toBeGreaterThan(1);
    expect([...mailboxes.all()].map((mailbox) => [...mailbox.items()].length)).toEqual(
      Array.from({ length: 20 }, () => 3),
    );
  });
});
