import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeMessage } from '../../src/engine/send.ts';
import type { Config } from '../../src/kit/config/config.ts';
import { changeIdOf, traceparentOf } from '../../src/model/trace.ts';
import { latestChanges, traceChange } from '../../src/run/trace/trace.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { ANN, AT, CHANGE, look, openScene, write, type Scene } from './traced.ts';

const DAY = 86_400_000;

let on: Scene;
beforeEach(async () => {
  on = await openScene();
});
afterEach(() => on.close());

function refusal({ change = CHANGE, now = AT + 60_000, days = 365, most = 9 } = {}): Promise<string> {
  const config: Config = { ...on.config, compliance: { ...on.config.compliance, record: { days } } };
  return traceChange(config, { ...on.surroundings, clock: new VirtualClock({ now }) }, { change, most }).then(
    () => 'found',
    (error: unknown) => (error instanceof Error ? error.message : 'no error'),
  );
}

describe('nothing is known, and why', () => {
  test('of an id that is none', async () => {
    for (const change of ['f'.repeat(32), `${'0'.repeat(11)}1${'a'.repeat(20)}`])
      expect(await refusal({ change })).toMatch(/is no id of a change/);
  });

  test('of one that nobody has seen here', async () => {
    expect(await refusal()).toMatch(/nothing is known of change .*another installation/);
  });

  test('of one that is older than what is kept, and what is written for longer is shown', async () => {
    const now = AT + 31 * DAY;
    expect(await refusal({ now })).toMatch(/arrived at 2026-11-30.*kept for 30 days, writes for 365/);
    await on.ledger.record.add('contoso', AT + 300, [write('owner-1')]);
    const later = { ...on.surroundings, clock: new VirtualClock({ now }) };
    expect(await traceChange(on.config, later, { change: CHANGE })).toMatchObject({
      about: null,
      looks: [],
      writes: { mailboxes: 1 },
      next: 'nothing: it is done',
    });
  });

  test('of one that may lie behind the messages that were looked at', async () => {
    await on.queued(({ changes }) => {
      const about = { v: 1, kind: 'user', tenant: 'contoso', causes: ['sweep'], at: AT } as const;
      return changes.send(['bob', 'carol'].map((id) => changeMessage({ ...about, id })));
    });
    const behind = 'it is not among the first 2 messages of a queue, and more were not looked at';
    for (const asked of [{}, { days: 0 }, { now: AT + 31 * DAY }]) {
      expect(await refusal({ ...asked, most: 2 })).toContain(behind);
      expect(await refusal({ ...asked, most: 3 })).toContain('no queue holds it');
    }
  });

  test('where nothing is kept', async () => {
    expect(await refusal({ days: 0 })).toMatch(/compliance\.record\.days is 0/);
  });
});

test('the newest changes of an object are found by it', async () => {
  const before = changeIdOf(traceparentOf({ kind: 'user', tenant: 'contoso', id: ANN }, AT - 5_000));
  await on.ledger.traces.add('contoso', AT - 4_000, [look({ changes: [before], causes: ['sweep'] })]);
  await on.ledger.traces.add('contoso', AT + 100, [
    look(),
    look({ object: 'bob', changes: ['f'.repeat(32)] }),
  ]);
  await on.ledger.traces.add('contoso', AT + 50_000, [look({ outcome: 'nothing' })]);
  const report = await latestChanges(on.config, on.surroundings, ANN);
  expect(report).toMatchObject({
    object: ANN,
    keptSince: new Date(on.surroundings.clock.now() - 30 * DAY).toISOString(),
    changes: [
      { change: CHANGE, outcome: 'nothing', lookedAt: '2026-11-30T10:00:50.000Z', tenant: 'contoso' },
      { change: before, outcome: 'new', causes: ['sweep'] },
    ],
  });
  expect(report.changes).toHaveLength(2);
  expect((await latestChanges(on.config, on.surroundings, 'nobody')).changes).toEqual([]);
});
