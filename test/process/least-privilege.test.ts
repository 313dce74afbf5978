import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { isAdopted, markOf } from '../tenant/mailbox/item.ts';
import { audit, documentOf, status, sweep, sync } from './commands.ts';
import { install, type Installation } from './installation.ts';
import { until } from './until.ts';

const MAILBOXES = 3;
const OLD = 'Old Tool';
const NONE = new Map<string, number>();

let on: Installation;
const owners = (): string[] => on.population.owners.map(({ id }) => id);
const strangers = () => on.population.people.slice(MAILBOXES);
const job = (more: Record<string, unknown> = {}) => ({
  staff: { groups: [on.population.source.id], more },
});
const compared = () => on.compare({ route: 'staff' });

const items = () => [...on.tenant.mailboxes.all()].flatMap((mailbox) => [...mailbox.items()]);
const ours = (): number => items().filter(({ content }) => markOf(content) !== undefined).length;

/** In every mailbox, what an old tool left of somebody, and what the owner has put beside it. */
function furnish(): void {
  const { mailboxes } = on.tenant;
  const [somebody] = strangers();
  for (const id of owners()) {
    const folder = mailboxes.addFolder(id, OLD);
    const emailAddresses = [{ name: 'Old', address: String(somebody?.mail) }];
    mailboxes.addContact(id, { displayName: 'Old', emailAddresses, personalNotes: 'Likes tea' }, folder);
    mailboxes.addContact(id, { displayName: 'Plumber' }, folder);
  }
}

describe('with a token that holds User.Read.All, Group.Read.All and Contacts.ReadWrite, and nothing else', () => {
  beforeAll(async () => {
    on = await install({ people: 20, mailboxes: MAILBOXES, seed: 51, switches: { adoptable: true } });
    const bytes = await sharp({ create: { width: 240, height: 240, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    on.tenant.photos.set(strangers()[1]?.id ?? '', { bytes, width: 240, height: 240 });
    furnish();
    await on.configure({ port: undefined, jobs: job({ adopt: { folder: OLD }, photos: true }) });
  });
  afterAll(() => on.close());
  afterEach(() => {
    expect(on.tenant.denials).toEqual(NONE);
    expect(on.tenant.oracles.violations).toEqual([]);
  });

  test('that is what its tokens say', () => {
    const [, claims = ''] = on.tenant.issueToken().split('.');
    const { roles } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { roles: string[] };
    expect(roles.toSorted()).toEqual(['Contacts.ReadWrite', 'Group.Read.All', 'User.Read.All']);
  });

  test('a plan, with the folders that another tool left', async () => {
    const planned = documentOf(await on.run('plan', '--json'));
    expect(planned).toMatchObject({
      unread: 0,
      leftovers: [{ unread: [], names: [{ name: OLD, mailboxes: MAILBOXES, contacts: 2 * MAILBOXES }] }],
    });
  });

  test('a fill, what is adopted, and pictures', async () => {
    expect(await sync(on)).toMatchObject({ code: 0, dead: 0 });
    expect(compared()).toMatchObject({ divergences: [], duplicates: 0 });
    for (const id of owners()) {
      const kept = [...(on.tenant.mailboxes.get(id).folderNamed(OLD)?.items.values() ?? [])];
      expect(kept.map(({ content }) => isAdopted(content))).toEqual([true, false]);
    }
    expect(items().filter(({ content }) => content.photo !== undefined)).toHaveLength(MAILBOXES);
    const { parked, queues } = await status(on);
    expect(parked).toEqual([]);
    expect(queues.map(({ dead }) => dead)).toEqual([0, 0]);
  });

  test('subscriptions, and changes of people and groups that are announced; a pause, and going on', async () => {
    const { directory } = on.tenant;
    await on.configure({ jobs: job({ adopt: { folder: OLD }, photos: true }) });
    const service = on.start('run');
    await until(() => on.tenant.subscriptions.all().length === 2 && service.said().includes('sweep done'));
    const [, , changed, outsider, newcomer] = strangers();
    directory.updateUser(changed?.id ?? '', { jobTitle: 'Announced' });
    directory.updateUser(newcomer?.id ?? '', { assignedLicenses: [mailboxLicense] });
    for (const group of directory.parentsOf(outsider?.id ?? ''))
      directory.removeMember(group, outsider?.id ?? '');
    await until(() => compared().divergences.length === 0);
    expect(await on.run('pause')).toMatchObject({ code: 0 });
    directory.updateUser(changed?.id ?? '', { jobTitle: 'Announced in the pause' });
    expect(await on.run('resume')).toMatchObject({ code: 0 });
    await until(() => compared().divergences.length === 0);
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
  });

  test('a sweep that finds somebody deleted, and proof of it', async () => {
    const gone = strangers().at(-1)?.id ?? '';
    on.tenant.directory.deleteUser(gone);
    expect(await sweep(on)).toMatchObject({ code: 0, found: 1 });
    expect(compared().divergences).toEqual([]);
    expect(on.tenant.counts.get('$batch GET directory/deletedItems/{id}') ?? 0).toBeGreaterThan(0);
  });

  test('an audit of every contact, healed where an owner has changed or deleted something', async () => {
    const [first = '', second = ''] = owners();
    const { mailboxes } = on.tenant;
    const [edited] = mailboxes.get(first).folderNamed('Company Directory')?.items.values() ?? [];
    if (edited) mailboxes.editContact(first, edited, { jobTitle: 'Edited' });
    const folder = mailboxes.get(second).folderNamed('Company Directory');
    if (folder) mailboxes.deleteFolder(second, folder);
    expect(await audit(on, '--full')).toMatchObject({ code: 0, equal: true });
    expect(await audit(on)).toMatchObject({ code: 0, equal: true });
    expect(compared().divergences).toEqual([]);
  });

  test('a revert, which leaves what was adopted', async () => {
    const ended = await on.run('revert', '--job', 'staff', '--yes', '--json');
    expect(documentOf(ended)).toMatchObject({ left: 0, mailboxes: MAILBOXES + 1 });
    expect(ours()).toBe(0);
    for (const id of owners()) expect(on.tenant.mailboxes.get(id).folderNamed(OLD)?.items.size).toBe(2);
  });
});

async function syncWith(...roles: string[]) {
  on = await install({ people: 8, mailboxes: 2, seed: 52, roles });
  await on.configure({ port: undefined });
  const ended = await on.run('sync', '--once', '--json');
  return { ended, denied: [...on.tenant.denials.keys()] };
}

describe('each of the three is needed', () => {
  afterEach(() => on.close());

  test('without User.Read.All nobody can be read: it fails, and says so', async () => {
    const { ended, denied } = await syncWith('Group.Read.All', 'Contacts.ReadWrite');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('Authorization_RequestDenied');
    expect(denied).toContain('GET users/delta');
    expect(ours()).toBe(0);
  });

  test('without Contacts.ReadWrite every mailbox is parked, with the reason', async () => {
    const { denied } = await syncWith('User.Read.All', 'Group.Read.All');
    expect((await on.run('plan')).stdout).toContain('could not be looked at: ');
    expect(denied).toEqual(['GET users/{id}/contactFolders']);
    const { parked } = await status(on);
    expect(parked.map(({ reason }) => reason)).toEqual(Array(2).fill('ErrorAccessDenied'));
  });

  test('with GroupMember.Read.All in place of Group.Read.All all is read, and only groups cannot be subscribed to', async () => {
    const { ended, denied } = await syncWith('User.Read.All', 'GroupMember.Read.All', 'Contacts.ReadWrite');
    expect([ended.code, denied]).toEqual([0, []]);
    expect(on.compare().divergences).toEqual([]);
    await on.configure();
    const service = on.start('run');
    await until(() => on.tenant.denials.has('POST subscriptions'));
    await until(() => on.tenant.subscriptions.all().length === 1);
    expect(on.tenant.subscriptions.all().map(({ resource }) => resource)).toEqual(['users']);
    service.kill('SIGTERM');
    await service.ended;
  });
});

describe('what says that it needs more', () => {
  afterEach(() => on.close());

  const WITHOUT = ['User.Read.All', 'Group.Read.All', 'Contacts.ReadWrite'];
  const asked = 'GET users/{id}/mailboxSettings/userPurpose';
  test.each([
    ['shared mailboxes that are shown', [], [asked]],
    ['shared mailboxes that are shown', ['MailboxSettings.Read'], []],
  ])('%s: with %j beside the three', async (_what, more, denied) => {
    on = await install({ people: 8, mailboxes: 2, seed: 53, roles: [...WITHOUT, ...more] });
    const { directory, mailboxes } = on.tenant;
    const shared = directory.addUser({
      displayName: 'Info',
      mail: 'info@contoso.example',
      accountEnabled: false,
    });
    directory.addMember(on.population.source.id, shared.id);
    mailboxes.setPurpose(shared.id, 'shared');
    mailboxes.setState(shared.id, 'ok');
    const source = { groups: [on.population.source.id], include: ['shared-mailboxes'] };
    await on.configure({ port: undefined, jobs: job({ source }) });
    expect(await sync(on)).toMatchObject({ code: 0, dead: 0 });
    expect([...on.tenant.denials.keys()]).toEqual(denied);
    for (const id of owners()) {
      const folder = on.tenant.mailboxes.get(id).folderNamed('Company Directory');
      const shown = [...(folder?.items.values() ?? [])].some(
        ({ content }) => content.fields['displayName'] === 'Info',
      );
      expect(shown).toBe(more.length > 0);
    }
  });

  test.each([
    ['administrative units', 'AdministrativeUnit.Read.All', ['GET directory/administrativeUnits/delta']],
    ['contacts of the organisation', 'OrgContact.Read.All', ['GET contacts/delta']],
  ])('%s as a source: %s beside the three', async (what, role, denied) => {
    const displayName = 'From elsewhere';
    for (const more of [[], [role]]) {
      if (more.length > 0) await on.close();
      on = await install({ people: 8, mailboxes: 2, seed: 54, roles: [...WITHOUT, ...more] });
      const { units, contacts } = on.tenant.directory;
      const unit = units.add();
      const [, , somebody] = on.population.people;
      units.addMember(unit.id, { id: somebody?.id ?? '', type: 'user' });
      contacts.add({ displayName, mail: 'elsewhere@fabrikam.example' });
      const source = what.startsWith('admin') ? { administrativeUnits: [unit.id] } : { orgContacts: true };
      await on.configure({ port: undefined, jobs: job({ source }) });
      const { code } = await on.run('sync', '--once');
      expect(code).toBe(more.length > 0 ? 0 : 1);
      expect([...on.tenant.denials.keys()]).toEqual(more.length > 0 ? [] : denied);
      const name = what.startsWith('admin') ? somebody?.displayName : displayName;
      const found = items().filter(({ content }) => content.fields['displayName'] === name);
      expect(found.filter(({ content }) => markOf(content) !== undefined)).toHaveLength(2 * more.length);
    }
  });
});
