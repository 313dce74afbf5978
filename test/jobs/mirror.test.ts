import { describe, expect, test } from 'vitest';
import { mirrorRoutes } from '../../src/jobs/mirror.ts';
import { routesOf } from '../../src/jobs/routes.ts';
import type { MirrorJobConfig } from '../../src/kit/config/config.ts';
import { CARD_FIELDS, fieldsOf, type Card } from '../../src/model/card.ts';
import { isWithin, type Intimacy, type Route } from '../../src/model/route.ts';
import { personWith } from './person.ts';

const HUB = '9c4e33aa-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const GROUP = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const UNIT = '6d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const BARRED = '7d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';

const JOB: MirrorJobConfig = {
  id: 'shared',
  kind: 'mirror',
  tenant: 'contoso',
  members: { kind: 'licensed' },
  hub: { mailbox: HUB, folder: 'All Contacts' },
  onDelete: 'keep',
  updateExisting: true,
  stampNotes: false,
  private: { categories: ['Private'], sensitivity: ['private', 'confidential', 'personal'] },
  guard: { count: 20, percent: 10 },
};

function routes(changes: Partial<MirrorJobConfig> = {}): { in: Route; out: Route } {
  const [into, out] = mirrorRoutes({ ...JOB, ...changes });
  if (into === undefined || out === undefined) throw new Error('A mirror has two routes.');
  return { in: into, out };
}

const NOBODY: ReadonlySet<string> = new Set();

describe('the routes of a mirror', () => {
  test('are two over one book, in and out', () => {
    const both = routesOf(JOB);
    expect(both.map(({ id }) => id)).toEqual(['shared/in', 'shared/out']);
    for (const route of both)
      expect(route).toMatchObject({
        job: 'shared',
        sourceTenant: 'contoso/book/shared',
        targetTenant: 'contoso',
        contacts: false,
        mailGroups: false,
        photo: null,
        adopt: null,
        first: null,
        ownContact: true,
        graceMs: 0,
        guard: { count: 20, percent: 10 },
      });
    const { in: into, out } = routes();
    expect([into.folder, into.shares?.stands]).toEqual(['All Contacts', 'named']);
    expect([out.folder, out.shares?.stands]).toEqual(['Contacts', 'default']);
    expect(out.withheld(NOBODY)).toEqual(new Set());
  });

  test('take what others keep into a folder beside Contacts by choice, and nobody is looked at again for that', () => {
    const members = { kind: 'licensed', folder: 'Shared with me' } as const;
    const { in: into, out } = routes({ members });
    expect([out.folder, out.shares?.stands]).toEqual(['Shared with me', 'beside']);
    expect(into.shares?.stands).toBe('named');
    expect([into.definition, out.definition]).toEqual([routes().in.definition, routes().out.definition]);
  });

  test('show contacts of the book, and nobody else', () => {
    for (const { shows } of Object.values(routes())) {
      expect(isWithin(shows, personWith({ kind: 'contact' }), NOBODY)).toBe(true);
      expect(isWithin(shows, personWith({ kind: 'user' }), NOBODY)).toBe(false);
      expect(isWithin(shows, personWith({ kind: 'group' }), NOBODY)).toBe(false);
    }
  });

  test('the hub receives what comes in, with or without a licence, and never what goes out', () => {
    const { in: into, out } = routes();
    for (const licences of [0, 1]) {
      const hub = personWith({ id: HUB, licences });
      const member = personWith({ id: 'ann', licences });
      expect(isWithin(into.receives, hub, NOBODY)).toBe(true);
      expect(isWithin(into.receives, member, NOBODY)).toBe(false);
      expect(isWithin(out.receives, hub, NOBODY)).toBe(false);
      expect(isWithin(out.receives, member, NOBODY)).toBe(licences > 0);
    }
    const named = routes({ members: { kind: 'chosen', users: [HUB, 'ann'] } }).out;
    expect(isWithin(named.receives, personWith({ id: HUB }), NOBODY)).toBe(false);
    expect(isWithin(named.receives, personWith({ id: 'ann' }), NOBODY)).toBe(true);
  });

  test('only what goes out asks for members: their groups, units, exceptions, attributes, a pilot', () => {
    const { in: into, out } = routes({
      members: {
        kind: 'chosen',
        groups: [GROUP],
        administrativeUnits: [UNIT],
        where: { kind: 'test', attribute: 'city', test: { kind: 'in', values: ['Ulm'] } },
        except: { groups: [BARRED] },
        first: 3,
      },
    });
    expect(out).toMatchObject({
      groups: { source: [], target: [GROUP, UNIT, BARRED], shape: [] },
      units: [UNIT],
      barring: [BARRED],
      reads: ['city'],
      first: 3,
    });
    expect(into).toMatchObject({
      groups: { source: [], target: [], shape: [] },
      units: [],
      barring: [],
      reads: [],
      first: null,
    });
  });
});

describe('a shared contact', () => {
  const everything = Object.fromEntries(CARD_FIELDS.map((name) => [name, name])) as unknown as Card;

  test('has every field but the notes, the categories and what only an address book knows', () => {
    for (const { owns, shape } of Object.values(routes())) {
      expect(owns).toHaveLength(28);
      for (const name of ['personalNotes', 'categories', 'managerId', 'hidden', 'customAttribute1'])
        expect(owns).not.toContain(name);
      const card = shape(personWith({ kind: 'contact', card: everything }), NOBODY)!;
      expect(fieldsOf(card).toSorted()).toEqual([...owns].toSorted());
      for (const name of owns) expect(card[name]).toBe(name);
    }
  });

  test('has its empty fields as well, as a card spells them: clearing travels', () => {
    const { shape, owns } = routes().out;
    for (const person of [personWith({ card: { surname: 'Doe' } }), personWith()]) {
      const card = shape(person, NOBODY)!;
      expect(fieldsOf(card).toSorted()).toEqual([...owns].toSorted());
      expect(card).toMatchObject({
        surname: person.card === undefined ? null : 'Doe',
        mobilePhone: null,
        emailAddresses: [],
        businessPhones: [],
        homePhones: [],
        imAddresses: [],
        homeAddress: { street: null, city: null, state: null, postalCode: null, countryOrRegion: null },
      });
    }
  });
});

const isPrivate = (contact: Partial<Intimacy>, changes: Partial<MirrorJobConfig> = {}): unknown =>
  Object.values(routes(changes)).map(({ shares }) =>
    shares?.isPrivate({ sensitivity: 0, categories: [], ...contact }),
  );

describe('private contacts', () => {
  test.each<[Partial<Intimacy>, boolean]>([
    [{}, false],
    [{ categories: ['Clients'] }, false],
    [{ categories: ['Privateer'] }, false],
    [{ categories: ['Clients', ' PRIVATE'] }, true],
    [{ sensitivity: 1 }, true],
    [{ sensitivity: 2 }, true],
    [{ sensitivity: 3 }, true],
  ])('%o: %s, in both directions', (contact, expected) => {
    expect(isPrivate(contact)).toEqual([expected, expected]);
  });

  test('are those that the job says', () => {
    const own = { private: { categories: ['Für mich'], sensitivity: ['confidential'] } } as const;
    expect(isPrivate({ categories: ['FÜR MICH'.normalize('NFD')] }, own)).toEqual([true, true]);
    expect(isPrivate({ categories: ['Private'], sensitivity: 2 }, own)).toEqual([false, false]);
    expect(isPrivate({ sensitivity: 3 }, own)).toEqual([true, true]);
  });
});

test('what is done with edits, deletions and notes is said to both routes', () => {
  for (const onDelete of ['keep', 'everywhere', 'restore'] as const) {
    const both = routes({ onDelete, updateExisting: onDelete === 'keep', stampNotes: onDelete !== 'keep' });
    for (const { shares } of Object.values(both))
      expect(shares).toMatchObject({
        onDelete,
        updates: onDelete === 'keep',
        stamps: onDelete !== 'keep',
      });
  }
});

const definitions = (changes: Partial<MirrorJobConfig> = {}): string[] =>
  Object.values(routes(changes)).map(({ definition }) => definition);

describe('the definition', () => {
  test.each<[string, Partial<MirrorJobConfig>, boolean[]]>([
    ['members', { members: { kind: 'chosen', users: ['ann'] } }, [false, true]],
    ['the hub', { hub: { ...JOB.hub, mailbox: GROUP } }, [true, true]],
    ['what is private', { private: { categories: [], sensitivity: [] } }, [true, true]],
    ['onDelete', { onDelete: 'restore' }, [true, true]],
    ['updateExisting', { updateExisting: false }, [true, true]],
    ['stampNotes', { stampNotes: true }, [false, false]],
    ['the name of the folder', { hub: { ...JOB.hub, folder: 'Partners' } }, [false, false]],
    ['the guard', { guard: { count: 1, percent: 1 } }, [false, false]],
  ])('%s', (_what, changes, expected) => {
    const before = definitions();
    expect(definitions(changes).map((definition, at) => definition !== before[at])).toEqual(expected);
  });
});
