import { expect, test } from 'vitest';
import type { PlanView } from '../../src/dashboard/house.ts';
import { onePlan, refusePlan } from '../../src/run/dashboard-plan.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';

const TWO_JOBS = `${MINIMAL}${MINIMAL.slice(MINIMAL.indexOf('  staff:')).replaceAll('staff', 'guests').replace('Company Directory', 'Guests')}`;
const PLAN: PlanView = { jobs: [], unread: 0, httpRequests: 1 };

function planner() {
  const begun: { readonly job: string; readonly end: (failure?: Error) => void }[] = [];
  const plan = onePlan(
    read(TWO_JOBS),
    (job) =>
      new Promise((resolve, reject) => {
        begun.push({ job, end: (failure) => (failure ? reject(failure) : resolve(PLAN)) });
      }),
  );
  return { begun, plan };
}

test('one plan is made at a time, over all jobs, and shared by who asks for the same', async () => {
  const { begun, plan } = planner();
  const asked = [plan('staff'), plan('staff')];
  await expect(plan('guests')).rejects.toThrow('the plan of staff is being made');
  expect(begun.map(({ job }) => job)).toEqual(['staff']);
  begun[0]?.end();
  expect(await Promise.all(asked)).toEqual([PLAN, PLAN]);
  const next = plan('guests');
  expect(begun.map(({ job }) => job)).toEqual(['staff', 'guests']);
  begun[1]?.end(new Error('no token'));
  await expect(next).rejects.toThrow('no token');
  await expect(plan('interns')).rejects.toThrow('no such job');
  void plan('staff');
  expect(begun).toHaveLength(3);
});

test('inside a service none is made, and where one is made is said', async () => {
  await expect(refusePlan('staff')).rejects.toThrow(/contact-sync plan,.*contact-sync run --role dashboard/);
});
