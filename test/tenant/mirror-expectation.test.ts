import { expect, test } from 'vitest';
import { seededRandom } from '../kit/seeded-random.ts';
import { populateMirror } from './acquaintances.ts';
import type { Fields, Item } from './mailbox/item.ts';
import { Acquaintanceship } from './mirror-expectation.ts';
import { probe } from './probe.ts';

const JOB = { id: 'shared', folder: 'All Contacts' };

/** Two members and a hub with its folder; nothing is shared yet. */
function scene() {
  const { tenant } = probe();
  const population = populateMirror(tenant, seededRandom(1), { members: 2, own: 1, ofEach: 0 });
  tenant.mailboxes.addFolder(population.hub.id, JOB.folder);
  const book = new Acquaintanceship(tenant, population, JOB);
  const [one, other] = population.members.map(({ id }) => id) as [string, string];
  const mark = (owner: string, item: Item): void =>
    tenant.mailboxes.extendContact(owner, item, {
      name: 'app.entra-contact-sync',
      values: { deployment: 'd', route: `${JOB.id}/out`, sourceId: item.key },
    });
  /** As a perfect client would, in the hub and with both members. */
  const copy = (owner: string, fields: Fields): Item => {
    const folder = tenant.mailboxes.get(owner).folderNamed(JOB.folder);
    const { personalNotes: _own, ...rest } = fields;
    const item = tenant.mailboxes.addContact(owner, rest, folder);
    mark(owner, item);
    return item;
  };
  const share = (): void => {
    for (const [owner, without] of [[one, other] as const, [other, one] as const]) {
      for (const { item } of book.own(owner)) {
        mark(owner, item);
        for (const place of [population.hub.id, without]) copy(place, item.content.fields);
      }
    }
  };
  return { tenant, book, one, other, hub: population.hub.id, copy, share };
}

const kinds = (book: Acquaintanceship): string[] => book.compare().divergences.map(({ kind }) => kind);

test('everybody should have what anybody has, with the mark', () => {
  const { book, share } = scene();
  // Two contacts: each is missing twice, and has no mark where it was written.
  expect(kinds(book).toSorted()).toEqual(['fields', 'fields', 'missing', 'missing', 'missing', 'missing']);
  share();
  expect(book.compare()).toEqual({ divergences: [], duplicates: 0, foreignTouched: 0, contacts: 6 });
});

test('an edit is wrong everywhere else, and what somebody deleted in one place alone is not', () => {
  const { book, one, other, share } = scene();
  share();
  book.compare();
  const [own] = book.own(one);
  if (!own) throw new Error('There is no contact.');
  book.edit(other, own.shared, { jobTitle: 'Edited' });
  expect(book.compare().divergences.map(({ fields }) => fields)).toEqual([['jobTitle'], ['jobTitle']]);
  const [theirs] = book.own(other);
  if (!theirs) throw new Error('There is no contact.');
  book.drop(one, theirs.shared);
  expect(kinds(book)).toEqual(['fields', 'fields']);
});

test('a second copy, one of what is private, and a touched private one are noticed', () => {
  const { tenant, book, one, other, copy, share } = scene();
  share();
  const [own] = book.own(one);
  const [theirs] = book.own(other);
  if (!own || !theirs) throw new Error('There is no contact.');
  copy(one, theirs.item.content.fields);
  expect(book.compare()).toMatchObject({ divergences: [], duplicates: 1 });
  book.lock(one, own.item);
  // The copies of the hub and of the other member, and the mark of the original.
  expect(kinds(book).toSorted()).toEqual(['extra', 'extra', 'fields']);
  tenant.mailboxes.editContact(one, own.item, { jobTitle: 'Not by its owner' });
  expect(book.compare().foreignTouched).toBe(1);
});
