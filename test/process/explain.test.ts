import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Transport } from '../../src/kit/transport.ts';
import type { ExplainedJob } from '../../src/run/explain/report.ts';
import { pause, resume } from '../../src/run/orders.ts';
import { mailboxLicense, type Group, type User } from '../tenant/directory/objects.ts';
import { ask, explainedJob, failing, refusing } from './enquiry.ts';
import type { Household } from './household.ts';
import { openHousehold } from './open-household.ts';
import { until } from './until.ts';

let home: Household;
let owner: string;
let privacy: Group;
let kept: Group;
beforeAll(async () => {
  home = await openHousehold();
  const { directory } = home.tenant;
  [privacy, kept] = [directory.addGroup(), directory.addGroup()];
  owner = home.population.owners[0]?.id ?? '';
  const groups = [home.population.source.id];
  const more = {
    source: { groups, except: { groups: [kept.id] } },
    optOut: [{ fields: ['mobilePhone'], groups: [privacy.id] }],
  };
  // One removal a day is let through.
  await home.configure({ jobs: { staff: { groups, guard: { count: 1, percent: 0 }, more } } });
  await home.start();
  await home.untilRight();
  await home.untilQuiet();
});
afterAll(() => home.close());

const explained = (person: string, mailbox = owner, transport?: Transport): Promise<ExplainedJob> =>
  explainedJob(home, { person, mailbox, ...(transport ? { transport } : {}) });
const change = (id: string, patch: Partial<User>): User => home.tenant.directory.updateUser(id, patch);

describe('somebody who is shown', () => {
  test('is explained rule by rule, by principal names as well, and nothing is written', async () => {
    const { id, userPrincipalName } = home.somebody();
    const mine = home.tenant.directory.user(owner)?.userPrincipalName ?? '';
    const [writes, stored] = [home.writes(), await home.status()];
    const job = await explained(userPrincipalName.toUpperCase(), mine);
    expect(job).toMatchObject({
      job: 'staff',
      answer: 'in this mailbox, where it belongs',
      next: 'nothing: the contact is right as far as the ledger knows',
      unread: false,
      person: { id, read: 'present', outcome: 'shown', card: { state: 'shown', known: true } },
      mailbox: { id: owner, read: 'present', outcome: 'stays', state: 'ready', place: { filled: true } },
      contact: { wanted: true, plan: 'nothing', link: { state: 'known', origin: 'created' } },
      fields: { found: 'there', copies: 1, withheld: [], differing: [] },
      setbacks: [],
    });
    const rules = job.person.conditions.map(({ rule }) => rule);
    expect(rules).toEqual([
      'guests',
      'disabled',
      'hidden',
      'unreachable',
      'service-accounts',
      'groups',
      'except: groups',
    ]);
    expect(job.person.conditions.find(({ rule }) => rule === 'groups')?.through).toEqual([
      home.population.source.id,
    ]);
    expect(job.mailbox.conditions.map(({ rule }) => rule)).toEqual(['user', 'guests', 'licensed']);
    expect(job.fields.filled).toContain('displayName');
    expect(home.writes()).toBe(writes);
    expect((await home.status()).jobs).toEqual(stored.jobs);
    const said = JSON.stringify(job);
    for (const value of [userPrincipalName, home.tenant.directory.user(id)?.surname ?? '?'])
      expect(said).not.toContain(value);
  });

  test('and whose number is withheld', async () => {
    const { id } = home.somebody();
    change(id, { mobilePhone: '+49 151 1110000' });
    home.tenant.directory.addMember(privacy.id, id);
    await until(async () => (await explained(id)).fields.withheld.includes('mobilePhone'));
    await home.untilQuiet();
    const { fields } = await explained(id);
    expect(fields).toMatchObject({ withheld: ['mobilePhone'], found: 'there', differing: [] });
    expect(fields.empty).toContain('mobilePhone');
  });

  test('and who changed without a notification: the fields in which the contact differs are named', async () => {
    const { id } = home.somebody();
    home.unnoticed(() => void change(id, { jobTitle: 'Unheard of' }));
    const job = await explained(id);
    expect(job).toMatchObject({
      answer: 'in this mailbox, where it belongs',
      next: expect.stringContaining('the ledger has another card of this person') as unknown,
      person: { card: { known: false } },
      fields: { differing: ['jobTitle'] },
    });
    change(id, { jobTitle: 'Told' });
    await until(() => home.contactOf(owner, id).content.fields.jobTitle === 'Told');
    await home.untilQuiet();
  });

  test('but whose contact the owner has deleted', async () => {
    const { id } = home.somebody();
    home.tenant.mailboxes.deleteContact(owner, home.contactOf(owner, id));
    expect(await explained(id)).toMatchObject({
      answer: expect.stringContaining('though the ledger believes so') as unknown,
      next: expect.stringContaining('contact-sync audit') as unknown,
      fields: { found: 'missing' },
      contact: { plan: 'nothing' },
    });
    await home.audit();
    expect(await explained(id)).toMatchObject({ fields: { found: 'there' } });
  });

  test('while the job is paused', async () => {
    const { id } = home.somebody();
    await pause(home.config(), { kind: 'job', name: 'staff' });
    expect(await explained(id)).toMatchObject({
      halt: 'paused',
      next: 'nothing is written before: contact-sync resume --job staff',
    });
    await resume(home.config(), { kind: 'job', name: 'staff' });
  });
});

describe('somebody who is not shown', () => {
  test('in their own mailbox', async () => {
    expect(await explained(owner)).toMatchObject({
      answer: 'not in this mailbox: nobody is a contact in their own mailbox (ownContact)',
      contact: { own: true, wanted: false, link: null },
      next: 'nothing',
    });
  });

  test('since an exception keeps them out, by this group', async () => {
    const { directory } = home.tenant;
    const { id } = directory.addUser({ surname: 'Kept', mail: 'kept@contoso.example' });
    directory.addMember(kept.id, id);
    await home.untilQuiet();
    directory.addMember(home.population.source.id, id);
    await home.untilQuiet();
    const job = await explained(id);
    expect(failing(job.person)).toEqual(['except: groups']);
    expect(job.answer).toBe(
      `not in this mailbox: the person is not shown (except: groups: none of ${kept.id}; in ${kept.id})`,
    );
    expect(job).toMatchObject({
      next: 'nothing',
      person: { outcome: 'none', card: null },
      contact: { plan: null },
    });
  });

  test('since the mailbox does not receive', async () => {
    const stranger = home.somebody().id;
    const job = await explained(owner, stranger);
    expect(failing(job.mailbox)).toEqual(['licensed']);
    expect(job).toMatchObject({
      answer: 'not in this mailbox: the mailbox does not receive (licensed: a licence is assigned)',
      next: 'nothing',
      mailbox: { outcome: 'none', state: null, place: null },
    });
  });

  test('any more: the guard lets one go, and holds the other until an approval', async () => {
    const [first, second] = [home.somebody().id, home.somebody().id];
    change(first, { accountEnabled: false });
    await until(async () => (await explained(first)).person.card?.state === 'gone');
    change(second, { accountEnabled: false });
    await until(async () => (await explained(second)).person.heldSince !== null);
    await home.untilQuiet();
    expect(await explained(first)).toMatchObject({
      answer: 'not in this mailbox: the person is not shown (disabled: the account is not disabled)',
      next: 'nothing',
      contact: { link: null },
    });
    expect(await explained(second)).toMatchObject({
      answer: 'still in this mailbox: the person is not shown (disabled: the account is not disabled)',
      next: 'the guard holds the removal, until: contact-sync approve --job staff',
      person: { heldBecause: 'more removals in 24 hours than the guard allows', card: { state: 'held' } },
    });
  });

  test('since the directory does not know them', async () => {
    const nobody = '00000000-0000-4000-8000-00000000dead';
    expect(await explained(nobody)).toMatchObject({
      answer: 'not in this mailbox: the person cannot be found in the directory',
      person: { read: 'not found', conditions: [], card: null },
    });
    const { id } = home.somebody();
    home.tenant.directory.deleteUser(id);
    expect(await explained(id)).toMatchObject({
      answer: expect.stringContaining('the person was deleted in the directory') as unknown,
      person: { read: 'deleted' },
    });
  });
});

describe('a mailbox', () => {
  test('that is parked, and one whose owner gets a licence without a notification', async () => {
    const { id } = home.somebody();
    const early = home.somebody().id;
    home.tenant.mailboxes.setState(early, 'on-premises');
    change(early, { assignedLicenses: [mailboxLicense] });
    await until(async () => (await explained(id, early)).mailbox.state === 'parked');
    expect(await explained(id, early)).toMatchObject({
      answer: 'not in this mailbox yet: it belongs there',
      next: expect.stringContaining(`contact-sync retry --mailbox ${early}`) as unknown,
      mailbox: { outcome: 'stays', reason: 'MailboxNotEnabledForRESTAPI' },
      fields: { found: 'not looked' },
    });
    const newcomer = home.somebody().id;
    home.unnoticed(() => void change(newcomer, { assignedLicenses: [mailboxLicense] }));
    expect(await explained(id, newcomer)).toMatchObject({
      answer: 'not in this mailbox yet: it belongs there',
      next: expect.stringContaining('the mailbox gets its place') as unknown,
      mailbox: { outcome: 'joins', state: null },
    });
  });
});

describe('what cannot be explained', () => {
  test('a person, or an owner, who cannot be read: the rest is told all the same', async () => {
    const { id } = home.somebody();
    const failed = { read: 'failed', fault: 'forbidden: Authorization_RequestDenied', conditions: [] };
    const why = expect.stringContaining('contact-sync doctor') as unknown;
    expect(await explained(id, owner, refusing(home, id))).toMatchObject({
      unread: true,
      person: failed,
      next: why,
    });
    expect(await explained(id, owner, refusing(home, owner))).toMatchObject({
      unread: true,
      mailbox: { ...failed, outcome: null },
      contact: { link: { state: 'known' } },
    });
  });

  test('a principal name that is nobody’s, and a place that no job is about', async () => {
    const unknown = expect.objectContaining({ kind: 'not-found' }) as unknown;
    await expect(ask(home, { person: 'nobody@contoso.example', mailbox: owner })).rejects.toEqual(unknown);
    await expect(ask(home, { person: owner, mailbox: 'nobody@contoso.example' })).rejects.toEqual(unknown);
    await expect(ask(home, { person: owner, mailbox: null })).rejects.toThrow('name the mailbox as well');
    await expect(ask(home, { person: owner, mailbox: 'contoso' })).rejects.toThrow(
      'Exchange of the tenant contoso',
    );
  });
});
