import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecordReport } from '../../src/run/read-record.ts';
import type { SubjectOrder, SubjectReport } from '../../src/run/subject/report.ts';
import type { User } from '../tenant/directory/objects.ts';
import { markOf, type Item } from '../tenant/mailbox/item.ts';
import { documentOf, sweep, sync } from './commands.ts';
import { FOLDER } from './configuration.ts';
import { install, TIMING, type Installation } from './installation.ts';
import { until } from './until.ts';

/* One person is erased, by the real command line, over HTTPS: from every mailbox, and for good. */

const MAILBOXES = 3;

let on: Installation;
let person: User;
beforeAll(async () => {
  on = await install({ people: 8, mailboxes: MAILBOXES, seed: 4 });
  // Polling, so that an order is seen at once.
  await on.configure({ port: undefined });
  const owners = new Set(on.population.owners.map(({ id }) => id));
  const found = on.population.people.find(({ id, mail }) => mail !== null && !owners.has(id));
  if (!found) throw new Error('The story needs somebody without a mailbox.');
  person = found;
});
afterAll(async () => {
  expect(on.tenant.oracles.violations).toEqual([]);
  expect(on.tenant.oracles.count('foreign-touched')).toBe(0);
  await on.close();
});

/** By owner, wherever in the mailbox they are. */
function itemsOf(id: string): Map<string, Item[]> {
  const theirs = ({ content }: Item): boolean => markOf(content)?.endsWith(`/${id}`) === true;
  return new Map(
    on.population.owners.map((owner) => [
      owner.id,
      [...on.tenant.mailboxes.get(owner.id).items()].filter(theirs),
    ]),
  );
}
const contacts = (id = person.id): number => [...itemsOf(id).values()].flat().length;
const subject = async (...args: string[]): Promise<SubjectReport> =>
  documentOf(await on.run('subject', ...args, '--json')) as SubjectReport;
const order = async (...args: string[]): Promise<SubjectOrder> =>
  documentOf(await on.run('subject', ...args, '--json', '--yes')) as SubjectOrder;

test('where the contacts are is told beside a running service, and nothing of the person', async () => {
  const service = on.start('run');
  await on.untilRight();
  // The ledger learns of a contact a moment after it is there.
  await until(async () => {
    const [seen] = (await subject(person.id)).subjects;
    return seen?.contacts.filter(({ state }) => state === 'known').length === MAILBOXES;
  });
  const ended = await on.run('subject', person.userPrincipalName.toUpperCase(), '--json');
  const { subjects } = documentOf(ended) as SubjectReport;
  expect(subjects).toMatchObject([{ id: person.id, tenant: 'contoso', sharedBy: null, keptOut: null }]);
  const [known] = subjects;
  expect(known?.cards).toMatchObject([{ job: 'staff', state: 'shown' }]);
  expect(known?.cards[0]?.fields).toContain('mobilePhone');
  const there = known?.contacts.map(({ mailbox, folder, item, state, origin }) => {
    return { mailbox, folder, item, state, origin };
  });
  expect(there).toHaveLength(MAILBOXES);
  for (const [owner, [item]] of itemsOf(person.id)) {
    const mailbox = on.tenant.mailboxes.get(owner);
    expect(there).toContainEqual({
      mailbox: owner,
      folder: mailbox.folderNamed(FOLDER)?.id,
      item: item && mailbox.ids.immutable(item),
      state: 'known',
      origin: 'made by us',
    });
  }
  for (const value of [person.displayName, person.mail, person.surname, person.mobilePhone])
    if (value !== null && value !== '') expect(ended.stdout).not.toContain(value);
  const refused = await on.run('subject', person.id, '--erase');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('say --yes')]);
  const unknown = await on.run('subject', 'nobody@contoso.example', '--erase', '--yes');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('knows nobody of this name')]);
  expect(contacts()).toBe(MAILBOXES);

  const erased = await order(person.id, '--erase');
  expect(erased.subjects).toMatchObject([{ id: person.id, contacts: MAILBOXES, keepOut: [person.id] }]);
  await until(() => contacts() === 0);
  on.tenant.directory.updateUser(person.id, { jobTitle: 'Somebody else by now' });
  const [other] = on.population.people.filter(({ id }) => id !== person.id && contacts(id) > 1);
  on.tenant.directory.updateUser(other?.id ?? '', { jobTitle: 'Changed after it' });
  await until(() =>
    [...itemsOf(other?.id ?? '').values()]
      .flat()
      .every(({ content }) => content.fields['jobTitle'] === 'Changed after it'),
  );
  expect(contacts()).toBe(0);
  service.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0 });
});

test('neither a change nor a sweep brings them back, and explain says why', async () => {
  on.tenant.directory.updateUser(person.id, { department: 'Another one' });
  expect((await sweep(on)).code).toBe(0);
  expect((await sync(on)).code).toBe(0);
  expect(contacts()).toBe(0);
  const { subjects } = await subject(person.id);
  expect(subjects).toMatchObject([{ keptOut: { by: 'order' }, cards: [{ state: 'gone' }], contacts: [] }]);
  const owner = on.population.owners[0]?.id ?? '';
  const { stdout } = await on.run('explain', person.id, owner);
  expect(stdout).toContain(
    `not in this mailbox: the person was erased and is kept out, until: contact-sync subject ${person.id} --restore`,
  );
});

test('every write is on record, with names of fields alone', async () => {
  const { stdout } = await on.run('record', '--person', person.id, '--json');
  const { writes } = JSON.parse(stdout) as RecordReport;
  const of = (operation: string) => writes.filter((one) => one.operation === operation);
  expect(
    of('create')
      .map(({ mailbox }) => mailbox)
      .toSorted(),
  ).toEqual([...itemsOf(person.id).keys()].toSorted());
  expect(of('create')[0]?.fields).toContain('displayName');
  const itemsIn = (operation: string) => new Set(of(operation).map(({ item }) => item));
  expect(itemsIn('remove')).toEqual(itemsIn('create'));
  for (const { outcome, route, tenant } of writes)
    expect({ outcome, route, tenant }).toEqual({ outcome: 'done', route: 'staff', tenant: 'contoso' });
  for (const value of [person.displayName, person.mail, person.surname, person.mobilePhone])
    if (value !== null && value !== '') expect(stdout).not.toContain(value);
});

test('it is taken back, once', async () => {
  await order(person.id, '--restore');
  expect((await sync(on)).code).toBe(0);
  expect(contacts()).toBe(MAILBOXES);
  const again = await on.run('subject', person.id, '--restore');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('was not erased')]);
});

test('through the configuration it outlives a lost ledger', async () => {
  const { subjects } = await order(person.id, '--erase');
  const keepOut = subjects[0]?.keepOut ?? [];
  expect((await sync(on)).code).toBe(0);
  expect(contacts()).toBe(0);
  await on.configure({
    port: undefined,
    timing: { ...TIMING, gatewayTimeout: '1s' },
    more: { compliance: { keepOut } },
  });
  await on.stores.loseLedger();
  await on.stores.loseQueue();
  const others = on.population.people.filter(({ id }) => id !== person.id);
  await until(() => sync(on).then(() => others.every(({ id }) => contacts(id) > 0)));
  expect(contacts()).toBe(0);
  const owner = on.population.owners[0]?.id ?? '';
  const { stdout } = await on.run('explain', person.id, owner);
  expect(stdout).toContain('the person is kept out (compliance.keepOut in the configuration)');
});
