import { expect, test } from 'vitest';
import { planJobs } from '../../src/run/plan-report.ts';
import { openBenchTop, TENANT } from '../engine/bench-top.ts';

test('a plan says why removals would be held: too many, or a source that shrank', async () => {
  const { needs, clock } = await openBenchTop();
  const { guard } = needs.ledger;
  const limits = { count: 0, percent: 0 };
  const now = clock.now();
  await guard.admit({
    job: 'staff',
    kind: 'person',
    tenant: TENANT,
    subjects: ['ann'],
    limits,
    scope: 9,
    now,
  });
  const reasons = async (): Promise<unknown[]> =>
    (await planJobs(needs, { moves: [], tallies: new Map(), adoptions: new Map() })).flatMap(({ rows }) =>
      rows.map(({ id, action, reason }) => [id, action, reason]),
    );
  expect(await reasons()).toEqual([['ann', 'hold', 'more removals in 24 hours than the guard allows']]);
  await guard.suspect({ job: 'staff', reason: 'groups shrank', lost: 7, scope: 9, at: now });
  expect(await reasons()).toEqual([['ann', 'hold', 'the groups shrank suddenly: 7 of 9 at once']]);
});
