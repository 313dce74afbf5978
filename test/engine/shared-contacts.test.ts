import { expect, test } from 'vitest';
import { lookAtShared } from '../../src/engine/shared-looks.ts';
import { newChange } from '../../src/engine/send.ts';
import { keepSubscriptions, sweepWanted } from '../../src/engine/subscribe.ts';
import { standingFolder } from '../../src/model/standing.ts';
import { TENANT } from '../bench/service.ts';
import { openClub, type Club } from './club.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function check(club: Club, renewNow?: ReadonlySet<string>): Promise<void> {
  return club.clock.through(keepSubscriptions(club.needs, renewNow));
}

const at = (mailbox: string): string => `users/${mailbox}/contacts`;
const looks = (cause: string, ...mailboxes: readonly string[]): string[] =>
  mailboxes.map((mailbox) => `contacts ${mailbox} ${cause}`).toSorted();

test('we are told of what every mailbox shares, in its own folder or the named one', async () => {
  const club = await openClub();
  const { mailboxes } = club.tenant;
  const [ann, bob] = [await club.join(club.own), await club.join(club.named, null)];
  const folder = mailboxes.addFolder(bob, 'All Contacts');
  await check(club);
  // Where a folder is not known yet, nothing can be asked for.
  expect(club.subscribed()).toEqual(['groups', 'users', at(ann)].toSorted());
  expect(await club.told()).toEqual(looks('missed', ann));
  expect(await club.engine.ledger.counters.read(sweepWanted(TENANT))).toBeGreaterThan(0);
  for (const name of [standingFolder(''), standingFolder(folder.id)]) {
    const places = await club.engine.ledger.places.ofSlab(TENANT, 0);
    await club.engine.ledger.places.update(
      places.filter(({ owner }) => owner === bob).map((place) => ({ ...place, folder: name })),
    );
    await check(club);
  }
  expect(club.subscribed()).toEqual(
    ['groups', 'users', at(ann), `users/${bob}/contactFolders/${folder.id}/contacts`].toSorted(),
  );
  expect(await club.told()).toEqual(looks('missed', bob));
  mailboxes.addContact(ann, { displayName: 'Ada' });
  mailboxes.addContact(bob, { displayName: 'Ada' }, folder);
  mailboxes.addContact(bob, { displayName: 'None of our business' });
  expect(await club.told()).toEqual(looks('notification', ann, bob));
  expect(club.warnings).toEqual([]);
  expect(club.tenant.oracles.violations).toEqual([]);
});

test('for weeks: each is renewed before its seven days are over, and asks for no look', async () => {
  const club = await openClub();
  const ann = await club.join(club.own);
  await check(club);
  const ids = club.tenant.subscriptions.all().map(({ id }) => id);
  await club.told();
  for (let hours = 0; hours < 21 * 24; hours += 6) {
    await club.clock.run(club.clock.now() + 6 * HOUR_MS);
    await check(club);
  }
  expect(club.tenant.subscriptions.all().map(({ id }) => id)).toEqual(ids);
  expect(await club.told()).toEqual([]);
  club.tenant.mailboxes.addContact(ann, { displayName: 'Ada' });
  expect(await club.told()).toEqual(looks('notification', ann));
});

test('until the mailbox leaves', async () => {
  const club = await openClub();
  const [ann, bob] = [await club.join(club.own), await club.join(club.own)];
  await check(club);
  await club.engine.ledger.mailboxes.leave(TENANT, ann, club.own.key);
  await check(club);
  expect(club.subscribed()).toEqual(['groups', 'users', at(bob)]);
  expect((await club.needs.book.all(TENANT)).map(({ resource }) => resource).toSorted()).toEqual(
    club.subscribed(),
  );
  await check({ ...club, needs: { ...club.needs, resources: async () => [] } });
  expect(club.subscribed()).toEqual([]);
});

test.each(['out-of-scope', 'on-premises', 'none'] as const)(
  'a mailbox that is %s keeps us from no other, and is tried again at every check',
  async (state) => {
    const club = await openClub();
    const { mailboxes } = club.tenant;
    const [ann, bob, cem] = [await club.join(club.own), await club.join(club.own), await club.join(club.own)];
    mailboxes.setState(ann, state);
    for (let time = 1; time <= 2; time += 1) {
      await check(club);
      expect(club.subscribed()).toEqual(['groups', 'users', at(bob), at(cem)].toSorted());
      expect(club.warnings.map(({ resource }) => resource)).toEqual(Array(time).fill(at(ann)));
    }
    expect(await club.told()).toEqual(looks('missed', bob, cem));
    mailboxes.setState(ann, 'ok');
    await check(club);
    expect(await club.told()).toEqual(looks('missed', ann));
    // The same when it is to be renewed, by its age or because somebody asked.
    mailboxes.setState(ann, state);
    await club.clock.run(club.clock.now() + 2 * DAY_MS);
    await check(club);
    const renewed = club.tenant.subscriptions
      .all()
      .filter(({ expiresAt }) => expiresAt > club.clock.now() + 6 * DAY_MS);
    expect(renewed.map(({ resource }) => resource).toSorted()).toEqual(
      ['groups', 'users', at(bob), at(cem)].toSorted(),
    );
    mailboxes.setState(ann, 'ok');
    await check(club);
    expect(club.subscribed()).toHaveLength(5);
  },
);

test('a renewal that somebody asked for and that failed is made at the next check', async () => {
  const club = await openClub();
  const ann = await club.join(club.own);
  await check(club);
  const ours = (await club.needs.book.all(TENANT)).find(({ resource }) => resource === at(ann));
  const before = ours?.expires ?? 0;
  await club.clock.run(club.clock.now() + HOUR_MS);
  club.tenant.mailboxes.setState(ann, 'out-of-scope');
  await check(club, new Set([ours?.id ?? '']));
  club.tenant.mailboxes.setState(ann, 'ok');
  await check(club);
  const after = (await club.needs.book.all(TENANT)).find(({ resource }) => resource === at(ann));
  expect((after?.expires ?? 0) - before).toBeGreaterThanOrEqual(HOUR_MS);
});

test('a mailbox that has its fill of subscriptions keeps us from no other', async () => {
  const club = await openClub({ switches: { mailboxSubscriptionQuota: 0 } });
  const ann = await club.join(club.own);
  await check(club);
  expect(club.subscribed()).toEqual(['groups', 'users']);
  expect(club.warnings).toMatchObject([{ tenant: TENANT, resource: at(ann) }]);
  expect(String(club.warnings[0]?.['error'])).toContain('quota');
});

test('what fails for people and groups is a failure of the check, as ever', async () => {
  const club = await openClub({ switches: { subscriptionQuota: 0 } });
  await club.join(club.own);
  await expect(check(club)).rejects.toMatchObject({ name: 'Fault' });
});

test('one that is gone without a word is made anew, and asks for a look at its mailbox alone', async () => {
  const club = await openClub();
  const [ann] = [await club.join(club.own), await club.join(club.own)];
  await check(club);
  await club.told();
  const swept = await club.engine.ledger.counters.read(sweepWanted(TENANT));
  const gone = club.tenant.subscriptions.all().find(({ resource }) => resource === at(ann));
  club.tenant.subscriptions.delete(gone?.id ?? '');
  await club.clock.run(club.clock.now() + 300_000);
  await check(club);
  expect(club.subscribed()).toHaveLength(4);
  expect(await club.told()).toEqual(looks('missed', ann));
  expect(await club.engine.ledger.counters.read(sweepWanted(TENANT))).toBe(swept);
});

test('a check asks once what there is, however many mailboxes there are', async () => {
  const club = await openClub();
  for (let count = 0; count < 8; count += 1) await club.join(club.own);
  let lists = 0;
  const list = (): ReturnType<typeof club.needs.subscriptions.list> => {
    lists += 1;
    return club.needs.subscriptions.list();
  };
  const subscriptions = { ...club.needs.subscriptions, list };
  await check({ ...club, needs: { ...club.needs, subscriptions } });
  expect([lists, club.subscribed().length]).toEqual([1, 10]);
});

test('a look asks every place of the mailbox what changed, and once more, since replicas may be behind', async () => {
  const club = await openClub();
  const { ledger, changes } = club.engine;
  const [ann] = [await club.join(club.own), await club.join(club.own)];
  const look = newChange({ kind: 'contacts', tenant: TENANT, id: ann }, 'notification', club.clock.now());
  const stranger = { ...look, id: 'somebody-else' };
  expect(await lookAtShared(club.engine, TENANT, [look, stranger])).toEqual(new Map());
  const [place] = await ledger.mailboxes.sharing(TENANT, [club.own.key], [ann]);
  expect(await ledger.audits.orders(TENANT, 0)).toEqual([
    { place: place?.place, mode: 'changes', token: null },
  ]);
  expect((await club.engine.writes.depth()).due).toBe(1);
  expect(await changes.depth()).toMatchObject({ due: 0, delayed: 1 });
  expect(await club.told()).toEqual([]);
  await club.clock.run(club.clock.now() + 60_000);
  expect(await club.told()).toEqual(looks('notification', ann));
  await lookAtShared(club.engine, TENANT, [look]);
  expect(await changes.depth()).toMatchObject({ due: 0, delayed: 0 });
});
