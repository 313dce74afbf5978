import { describe, expect, it } from 'vitest';
import { seededRandom } from '../kit/seeded-random.ts';
import {
  acquaintanceKinds,
  populateMirror,
  type Acquaintance,
  type AcquaintanceKind,
} from './acquaintances.ts';
import type { Item } from './mailbox/item.ts';
import { probe, type Probe } from './probe.ts';

const SIZE = { members: 5, own: 3, ofEach: 4 };

function scene(seed = 1) {
  const on = probe();
  return { on, population: populateMirror(on.tenant, seededRandom(seed), SIZE) };
}

/** The first addresses of contacts in lower case, or their names. */
const keyOf = ({ content }: Item): string => {
  const [first] = (content.fields['emailAddresses'] ?? []) as { address: string }[];
  return first?.address.toLowerCase() ?? `name ${String(content.fields['displayName'])}`;
};
const keys = ({ holdings }: Acquaintance): string[] => holdings.map(({ item }) => keyOf(item));
const owners = ({ holdings }: Acquaintance): Set<string> => new Set(holdings.map(({ owner }) => owner));

async function contactsOf(on: Probe, id: string): Promise<Record<string, unknown>[]> {
  return (await on.ask('GET', `users/${id}/contacts?$top=1000`)).value;
}

describe('members with acquaintances', () => {
  it('have so many of every kind, all of them to be read, beside an empty hub', async () => {
    const { on, population } = scene();
    const { members, hub, source, acquaintances } = population;
    for (const kind of Object.keys(acquaintanceKinds) as AcquaintanceKind[]) {
      const count = kind === 'own' ? SIZE.members * SIZE.own : SIZE.ofEach;
      expect([kind, acquaintances.filter((one) => one.kind === kind).length]).toEqual([kind, count]);
    }
    const shown = await Promise.all(members.map(({ id }) => contactsOf(on, id)));
    const inFolders = acquaintances.filter(({ kind }) => kind === 'in a folder').length;
    const held = acquaintances.flatMap(({ holdings }) => holdings);
    expect(shown.flat()).toHaveLength(held.length - inFolders);
    expect(shown.every((one) => one.length >= SIZE.own)).toBe(true);
    expect(await contactsOf(on, hub.id)).toEqual([]);
    expect((await on.ask('GET', `users/${hub.id}/contactFolders`)).value).toEqual([]);
    expect(on.tenant.mailboxes.purpose(hub.id)).toBe('shared');
    const inGroup = on.tenant.directory.transitiveMembers(source.id);
    expect([...inGroup]).toEqual(expect.arrayContaining(members.map(({ id }) => id)));
    expect(on.tenant.oracles.violations).toEqual([]);
  });

  it('have in common what the kind says, and nothing by chance', () => {
    const { acquaintances } = scene().population;
    const seen = new Map<string, Acquaintance>();
    for (const one of acquaintances) {
      for (const key of new Set(keys(one))) {
        expect(seen.get(key)?.kind).toBeUndefined();
        seen.set(key, one);
      }
      const members = owners(one).size;
      if (one.kind === 'own' || acquaintanceKinds[one.kind] === 'private') expect(members).toBe(1);
      else expect(members).toBeGreaterThanOrEqual(2);
    }
    const of = (kind: AcquaintanceKind): Acquaintance[] => acquaintances.filter((one) => one.kind === kind);
    for (const kind of ['same address', 'same name', 'twice by address', 'twice by name'] as const)
      for (const one of of(kind)) expect(new Set(keys(one)).size).toBe(1);
    for (const one of of('same address')) {
      const spelled = one.holdings.map(({ item }) => JSON.stringify(item.content.fields['emailAddresses']));
      expect(new Set(spelled).size).toBe(one.holdings.length);
    }
    for (const one of of('same name')) expect(keys(one)[0]).toMatch(/^name /);
    for (const one of of('same tag')) {
      expect(new Set(keys(one)).size).toBe(one.holdings.length);
      const notes = one.holdings.map(({ item }) => String(item.content.fields['personalNotes']));
      const tags = notes.map((text) => /SyncId=([0-9a-f-]{36});CreatedBy=/.exec(text)?.[1]);
      expect([tags.includes(undefined), new Set(tags).size]).toEqual([false, 1]);
    }
    for (const one of of('namesakes')) {
      const [mailed, other] = one.holdings.map(({ item }) => item);
      expect(mailed?.content.fields['displayName']).toBe(other?.content.fields['displayName']);
      expect(new Set(keys(one)).size).toBe(2);
    }
    for (const one of [...of('twice by address'), ...of('twice by name')])
      expect([one.holdings.length, owners(one).size]).toEqual([3, 2]);
    for (const { holdings } of of('two in one')) {
      const [both = '', ...each] = holdings.map(({ item }) =>
        JSON.stringify(item.content.fields['emailAddresses']),
      );
      for (const text of each) expect(both).toContain(text.slice(1, -1));
    }
  });

  it('keep some to themselves, by lock, category and folder', async () => {
    const { on, population } = scene();
    const one = (kind: AcquaintanceKind) => population.acquaintances.find((other) => other.kind === kind);
    const [locked, filed, away] = [one('locked'), one('in a category'), one('in a folder')].map(
      (found) => found?.holdings[0],
    );
    const expand = encodeURIComponent(`singleValueExtendedProperties($filter=id eq 'Integer 0x36')`);
    const read = await on.ask('GET', `users/${locked?.owner}/contacts?$top=1000&$expand=${expand}`);
    const hidden = read.value.filter((contact) => contact['singleValueExtendedProperties'] !== undefined);
    expect(hidden.map(({ displayName }) => displayName)).toContain(
      locked?.item.content.fields['displayName'],
    );
    expect(filed?.item.content.fields['categories']).toContain('Private');
    expect(away?.item.folder.name).toBe('Family');
  });

  it('are the same for the same seed, and need company', () => {
    const [first, again, other] = [scene(), scene(), scene(2)].map(({ population }) =>
      population.acquaintances.map(keys),
    );
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(() => populateMirror(probe().tenant, seededRandom(1), { members: 1 })).toThrow(RangeError);
  });
});
