import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { pause, resume } from '../../src/run/orders.ts';
import { readRecord } from '../../src/run/read-record.ts';
import type { TracedChange, TraceReport } from '../../src/run/trace/report.ts';
import { latestChanges, traceChange } from '../../src/run/trace/trace.ts';
import type { User } from '../tenant/directory/objects.ts';
import { MAILBOXES, type Household } from './household.ts';
import { openHousehold } from './open-household.ts';
import { until } from './until.ts';

let home: Household;
beforeAll(async () => {
  home = await openHousehold();
  await home.start();
  await home.untilRight();
  await home.untilQuiet();
});
afterAll(() => home.close());

const transport = (): Promise<never> => Promise.reject(new Error('a trace asks Microsoft for nothing'));

function around() {
  return { clock: home.clock, random: systemRandom, transport, log: silentLog };
}

const trace = (change: string): Promise<TraceReport> => traceChange(home.config(), around(), { change });
const changesOf = async ({ id }: User): Promise<readonly TracedChange[]> =>
  (await latestChanges(home.config(), around(), id)).changes;

/** The newest change of somebody that was notified and brought something new, as soon as it was looked at. */
async function notified(person: User, before: readonly TracedChange[]): Promise<string> {
  const known = new Set(before.map(({ change }) => change));
  let found: TracedChange | undefined;
  await until(async () => {
    found = (await changesOf(person)).find(
      ({ change, causes }) => !known.has(change) && causes.includes('notification'),
    );
    return found !== undefined;
  });
  return found?.change ?? '';
}

describe('a notified change', () => {
  test('is followed from its arrival to every mailbox, until nothing is left to do', async () => {
    const person = home.somebody();
    const before = await changesOf(person);
    const sentAt = home.clock.now();
    home.tenant.directory.updateUser(person.id, { jobTitle: 'Followed closely' });
    const change = await notified(person, before);
    await home.untilRight();
    // A write that is on record is in somebody's hands for a moment yet.
    await until(async () => {
      const { writes, waiting } = await trace(change);
      return writes.mailboxes === MAILBOXES && waiting.every(({ queue }) => queue === 'changes');
    });
    const report = await trace(change);
    expect(report).toMatchObject({
      about: { tenant: 'contoso', kind: 'user', object: person.id },
      writes: { counts: [{ operation: 'patch', outcome: 'done', count: MAILBOXES }], open: [], more: false },
      unread: null,
      givenUp: [],
      cards: [{ job: 'staff', state: 'shown', halt: null }],
    });
    expect(report.looks.map(({ outcome }) => outcome)).toContain('new');
    expect(Date.parse(report.arrived)).toBeGreaterThanOrEqual(sentAt - 1);
    // In case that the reading was stale.
    expect(report.waiting).toMatchObject([{ queue: 'changes', tenant: 'contoso' }]);
    expect(report.next).toMatch(/^the object is looked at once more at /);
    const writes = await readRecord(home.config(), {
      person: person.id,
      mailbox: null,
      since: sentAt,
      limit: 100,
    });
    expect(writes.writes.map(({ changes }) => changes)).toEqual(
      Array.from({ length: MAILBOXES }, () => expect.arrayContaining([change]) as unknown),
    );
    const said = JSON.stringify(report);
    for (const value of [
      'Followed closely',
      person.userPrincipalName,
      person.surname ?? '?',
      person.displayName,
    ])
      expect(said).not.toContain(value);

    await home.untilQuiet();
    const later = await trace(change);
    expect(later.looks.at(-1)).toMatchObject({ outcome: 'nothing' });
    expect(later.looks.length).toBeGreaterThan(1);
    expect([later.waiting, later.next]).toEqual([[], 'nothing: it is done']);
    expect(later.writes).toEqual(report.writes);
  });

  test('of a job that is paused waits for it, and is written on its behalf afterwards', async () => {
    const person = home.somebody();
    const before = await changesOf(person);
    await pause(home.config(), { kind: 'job', name: 'staff' });
    await home.leap(2_000);
    home.tenant.directory.updateUser(person.id, { jobTitle: 'Waits' });
    const change = await notified(person, before);
    const paused = await trace(change);
    expect(paused.writes.mailboxes).toBe(0);
    expect(paused.next).toMatch(/^nothing while it is paused/);
    await resume(home.config(), { kind: 'job', name: 'staff' });
    await home.minute();
    await home.untilRight();
    await home.untilQuiet();
    const { looks, next } = await trace(change);
    expect(looks.map(({ outcome }) => outcome)).toContain('new');
    expect(next).toBe('nothing: it is done');
  });
});

describe('what nobody announced', () => {
  test('is followed from when it was asked for', async () => {
    const person = home.somebody();
    await home.stop();
    home.unnoticed(() => home.tenant.directory.updateUser(person.id, { jobTitle: 'Asked for' }));
    await home.start();
    await home.untilRight();
    await home.untilQuiet();
    const [newest] = (await changesOf(person)).filter(({ causes }) => causes.includes('poll'));
    const report = await trace(newest?.change ?? '');
    expect(report.looks[0]).toMatchObject({
      outcome: 'new',
      causes: ['poll'],
    });
    expect(report.writes).toMatchObject({ mailboxes: MAILBOXES, open: [] });
  });
});
