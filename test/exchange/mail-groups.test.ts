import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/kit/config/config.ts';
import { plan } from '../../src/run/wire.ts';
import { since, snapshot } from '../tenant/counts.ts';
import type { Group } from '../tenant/directory/objects.ts';
import type { MailContact } from '../tenant/exchange/contact.ts';
import { openPair, surroundingsOf, type Pair } from './pair.ts';

let pair: Pair;
afterEach(() => pair.close());

/** Groups that the population puts within the group that is shown. */
const NESTED_GROUPS = 2;

const never = new AbortController().signal;
const contactOf = (group: Pick<Group, 'id'>): MailContact | undefined => pair.contactOf(group);
const compare = () => pair.compare({ mailGroups: true });
const right = { divergences: [], duplicates: 0, foreignTouched: 0 };

function sourceWith(mailGroups: unknown): Record<string, unknown> {
  return { source: { groups: [pair.population.source.id], mailGroups } };
}

function addList(name: string, more: Partial<Group> = {}): Group {
  const mail = `${name}@contoso.example`;
  return pair.contoso.directory.addGroup({ displayName: name, mailEnabled: true, mail, ...more });
}

describe('groups that have an address', () => {
  test('are contacts of that address by choice, Microsoft 365 groups and others alike; the rest is not', async () => {
    pair = await openPair();
    const [team, list] = [addList('team', { groupTypes: ['Unified'] }), addList('list')];
    const secret = pair.contoso.directory.addGroup({
      displayName: 'No address',
      mail: 'old@contoso.example',
    });
    await pair.sync();
    expect(contactOf(team)).toBeUndefined();
    await pair.with(async () => {}, { job: sourceWith(true) });
    const config = loadConfig(pair.file, { SECRET: 'a secret of the stories' });
    const planned = await plan(config, surroundingsOf(pair));
    expect(planned.jobs[0]).toMatchObject({ create: 2, remove: 0 });
    await pair.sync({ job: sourceWith(true) });
    expect(compare()).toMatchObject(right);
    expect(contactOf(list)).toMatchObject({ displayName: 'list', address: 'list@contoso.example' });
    expect(contactOf(team)).toBeDefined();
    expect(contactOf(secret)).toBeUndefined();
    expect(await pair.sync({ job: sourceWith(true) })).toMatchObject({ writes: 0, waiting: 0 });
    expect(pair.contoso.oracles.violations).toEqual([]);
  });

  test('follow their names and addresses, leave with them, and come back', async () => {
    pair = await openPair();
    const { directory } = pair.contoso;
    const [one, other, third] = [addList('one'), addList('other'), addList('third')];
    const job = { ...sourceWith(true), grace: '0s' };
    await pair.sync({ job });
    directory.updateGroup(one.id, { displayName: 'Renamed', mail: 'renamed@contoso.example' });
    directory.updateGroup(other.id, { mailEnabled: false });
    directory.deleteGroup(third.id);
    for (let night = 0; night < 3; night += 1) {
      await pair.with((service) => service.sweep(never), { job });
      // Second looks are due by then.
      pair.clock.leap(60_000);
    }
    expect(contactOf(one)).toMatchObject({ displayName: 'Renamed', address: 'renamed@contoso.example' });
    expect(contactOf(other)).toBeUndefined();
    expect(compare()).toMatchObject(right);
    directory.updateGroup(other.id, { mailEnabled: true });
    await pair.sync({ job });
    expect(compare()).toMatchObject(right);
    // Chosen no longer, they are not asked for, and what cannot be seen is believed to be gone at the last look: that may be the next run's.
    const without = { ...job, source: { groups: [pair.population.source.id] } };
    for (let run = 0; run < 3; run += 1) {
      await pair.sync({ job: without });
      pair.clock.leap(60_000);
    }
    expect([one, other].map(contactOf)).toEqual([undefined, undefined]);
    expect(pair.compare()).toMatchObject(right);
  });

  test('are chosen by rule, and left out by the rule that leaves people out', async () => {
    pair = await openPair();
    const [sales, board, hidden, named] = ['sales', 'board', 'sales-internal', 'named'].map((name) =>
      addList(name),
    ) as [Group, Group, Group, Group];
    const where = { mailNickname: { exists: true }, mailDomain: ['contoso.example'] };
    for (const { id } of [sales, hidden, named])
      pair.contoso.directory.updateGroup(id, { mailNickname: 'x' });
    const except = { where: { displayName: { matches: 'internal$' } }, users: [named.id] };
    await pair.sync({
      job: { source: { groups: [pair.population.source.id], mailGroups: { where }, except } },
    });
    const shown = [sales, board, hidden, named].map((group) => contactOf(group)?.displayName);
    expect(shown).toEqual(['sales', undefined, undefined, undefined]);
  });

  test('alone are a source, of which no person is', async () => {
    pair = await openPair();
    addList('list');
    await pair.sync({ job: { source: { mailGroups: true } } });
    expect(pair.contacts().map(({ displayName }) => displayName)).toEqual(['list']);
  });

  test('of which CTCS made contacts are taken over, and get their mark back', async () => {
    pair = await openPair();
    const list = addList('list');
    const mark = `XTSYNC|${pair.contoso.tenantId}|Group|${list.id}`;
    pair.fabrikam.exchange.recipients.furnish({
      name: 'list-0123456789abcdef',
      address: 'list@contoso.example',
      custom: { CustomAttribute15: mark },
      adoptable: true,
    });
    const job = sourceWith(true);
    await pair.sync({ job });
    expect(compare()).toMatchObject(right);
    expect(contactOf(list)?.name).toBe('list-0123456789abcdef');
    await pair.with((service) => service.revert('partners', never), { job });
    expect(pair.contacts().map(({ custom }) => custom['CustomAttribute15'])).toEqual([mark]);
  });

  test('are not asked for where they are not chosen, and not one by one where they have no address', async () => {
    pair = await openPair();
    for (let number = 0; number < 30; number += 1)
      pair.contoso.directory.addGroup({ displayName: `Security ${number}` });
    addList('list');
    const reads = async (job: Record<string, unknown>): Promise<number> => {
      const before = snapshot(pair.contoso.counts);
      await pair.sync({ job });
      return since(pair.contoso.counts, before).get('$batch GET groups/{id}') ?? 0;
    };
    expect(await reads({})).toBe(0);
    const asked = await reads(sourceWith(true));
    // The one that has an address; and, if their membership is looked at again by then, the groups nested in the source.
    expect(asked).toBeGreaterThanOrEqual(1);
    expect(asked).toBeLessThanOrEqual(1 + NESTED_GROUPS);
  });
});
