import { afterEach, describe, expect, test } from 'vitest';
import type { MailContact } from '../tenant/exchange/contact.ts';
import type { User } from '../tenant/directory/objects.ts';
import { openPair, type Pair, type PairOptions } from './pair.ts';

let pair: Pair;
afterEach(() => pair.close());

const never = new AbortController().signal;
const FIELDS = { fields: { manager: true } };
const somebody = (place?: number): User => pair.somebody(place);
const contactOf = (person: Pick<User, 'id'>): MailContact | undefined => pair.contactOf(person);
const managerOf = (person: User): string | null | undefined => contactOf(person)?.manager;
const compare = () => pair.compare({ managers: true });
const right = { divergences: [], duplicates: 0, foreignTouched: 0 };

function reportTo(manager: User | null, ...people: readonly User[]): void {
  for (const { id } of people) pair.contoso.directory.updateUser(id, { manager: manager?.id ?? null });
}

/** Everybody reports to the one before, and the first to somebody who is not shown. */
async function openChain(options: PairOptions = {}): Promise<void> {
  pair = await openPair({ ...options, job: { ...FIELDS, ...options.job } });
  const { directory } = pair.contoso;
  const outside = directory.addUser({ displayName: 'Nobody of ours', mail: 'away@contoso.example' });
  pair.population.people.forEach(({ id }, index, people) =>
    directory.updateUser(id, { manager: (people[index - 1] ?? outside).id }),
  );
}

describe('the manager', () => {
  test('is the contact of the manager, in whatever order they are made; one who is not shown is nobody', async () => {
    await openChain({ people: 30 });
    await pair.sync();
    expect(compare()).toMatchObject(right);
    expect(pair.contacts().filter(({ manager }) => manager !== null).length).toBeGreaterThan(20);
    expect(await pair.sync()).toMatchObject({ writes: 0, waiting: 0, blocked: 0 });
    expect(pair.fabrikam.oracles.violations).toEqual([]);
  });

  test('is asked for where it is chosen, and nowhere else', async () => {
    pair = await openPair();
    reportTo(somebody(2), somebody(1));
    await pair.sync();
    expect(pair.contacts().every(({ manager }) => manager === null)).toBe(true);
    await pair.sync({ job: FIELDS });
    expect(compare()).toMatchObject(right);
    expect(managerOf(somebody(1))).toBe(contactOf(somebody(2))?.guid);
    // Let go of, it stays as it is.
    await pair.sync();
    expect(managerOf(somebody(1))).toBe(contactOf(somebody(2))?.guid);
  });

  test.each(['everywhere', 'delta', 'nowhere'] as const)(
    'becomes another, and nobody, told of %s',
    async (managerTold) => {
      pair = await openPair({ job: FIELDS, switches: { managerTold } });
      const [one, other, boss] = [somebody(1), somebody(2), somebody(3)];
      reportTo(boss, one, other);
      await pair.sync();
      expect(managerOf(one)).toBe(contactOf(boss)?.guid);
      // The night after a full round reads everybody in any case: the one after that must find it, too.
      await pair.with((service) => service.sweep(never));
      reportTo(other, one);
      reportTo(null, other);
      if (managerTold === 'nowhere') await pair.with((service) => service.sweep(never));
      else await pair.sync();
      expect(managerOf(one)).toBe(contactOf(other)?.guid);
      expect(compare()).toMatchObject(right);
    },
  );

  test('who leaves is nobody’s any more, the audit finds nothing, and who comes back is again', async () => {
    pair = await openPair({ job: { ...FIELDS, grace: '0s' } });
    const [boss, one, other] = [somebody(1), somebody(2), somebody(3)];
    reportTo(boss, one, other);
    await pair.sync();
    pair.contoso.directory.updateUser(boss.id, { accountEnabled: false });
    await pair.sync();
    expect([managerOf(one), managerOf(other)]).toEqual([null, null]);
    const audit = await pair.with((service) => service.audit(never, { full: true }));
    expect(audit.mailboxes[0]?.found).toMatchObject({ missing: 0, changed: 0 });
    pair.contoso.directory.updateUser(boss.id, { accountEnabled: true });
    await pair.sync();
    expect(managerOf(one)).toBe(contactOf(boss)?.guid);
    expect(compare()).toMatchObject(right);
  });

  test('who is taken away and given back by hand stands there again, and so does one who was changed', async () => {
    pair = await openPair({ job: FIELDS });
    const [boss, one, other] = [somebody(1), somebody(2), somebody(3)];
    reportTo(boss, one, other);
    await pair.sync();
    const { recipients } = pair.fabrikam.exchange;
    const supplier = recipients.furnish({ name: 'Supplier', address: 'supplier@adatum.example' });
    recipients.remove(contactOf(boss)?.guid ?? '');
    recipients.change(contactOf(other)?.guid ?? '', { manager: supplier.guid });
    for (let round = 0; round < 2; round += 1)
      await pair.with((service) => service.audit(never, { full: true }));
    expect(managerOf(one)).toBe(contactOf(boss)?.guid);
    expect(compare()).toMatchObject(right);
  });

  test('is written when servers that are behind have heard of the contact', async () => {
    await openChain({ exchange: { lagMs: 120_000 } });
    for (let round = 0; round < 4 && (round === 0 || compare().divergences.length > 0); round += 1)
      await pair.sync();
    expect(compare()).toMatchObject(right);
  });

  test('stays as it was when the ledger is lost, also where CTCS made the manager', async () => {
    pair = await openPair({ job: FIELDS });
    const [boss, one] = [somebody(1), somebody(2)];
    reportTo(boss, one);
    pair.fabrikam.exchange.recipients.furnish({
      name: 'Made by CTCS',
      address: boss.mail ?? '',
      custom: { CustomAttribute15: `XTSYNC|${pair.contoso.tenantId}|User|${boss.id}` },
      adoptable: true,
    });
    await pair.sync();
    expect(contactOf(boss)?.name).toBe('Made by CTCS');
    expect(compare()).toMatchObject(right);
    await pair.loseLedger();
    expect((await pair.sync()).writes).toBe(0);
    expect(compare()).toMatchObject(right);
  });

  test('is withheld from members of a group, and stands in the plan by its name', async () => {
    pair = await openPair({ job: FIELDS });
    const [boss, one, other] = [somebody(1), somebody(2), somebody(3)];
    reportTo(boss, one, other);
    await pair.sync();
    const discreet = pair.contoso.directory.addGroup({ displayName: 'Discreet' });
    pair.contoso.directory.addMember(discreet.id, one.id);
    await pair.sync({ job: { ...FIELDS, optOut: [{ fields: ['manager'], groups: [discreet.id] }] } });
    expect([managerOf(one), managerOf(other)]).toEqual([null, contactOf(boss)?.guid]);
  });
});
