import { describe, expect, it } from 'vitest';
import { createCommitter } from '../../src/queue/committer.ts';
import type { Executed } from '../../src/queue/store.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { unavailable } from './stock.ts';

/** A disk that commits when it is told to. */
function slowDisk(patient?: VirtualClock) {
  const groups: { size: number; commit: () => void }[] = [];
  const committer = createCommitter({
    execute: (operations) =>
      new Promise<Executed>((resolve) => {
        const rows = operations.flatMap((operation) => (operation.kind === 'append' ? operation.rows : []));
        const size = rows.reduce((total, row) => total + lengthOf(JSON.parse(row)), 0);
        groups.push({ size, commit: () => resolve({ outcomes: operations.map(() => null), wrote: true }) });
      }),
    release: () => {},
    ...(patient === undefined ? {} : { patience: { clock: patient, ms: 2 } }),
  });
  const send = (): Promise<void> => committer.send('changes', [['k', null, 0, 0, {}]]);
  return { groups, committer, send, settled: () => new VirtualClock().settle() };
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : Number.NaN;
}

describe('groups', () => {
  it('gather while one is on its way, and there is never more than one', async () => {
    const { groups, send, settled, committer } = slowDisk();
    const first = send();
    await settled();
    const others = [send(), send(), send()];
    await settled();
    expect(groups.map(({ size }) => size)).toEqual([1]);
    groups[0]?.commit();
    await first;
    await settled();
    expect(groups.map(({ size }) => size)).toEqual([1, 3]);
    groups[1]?.commit();
    await Promise.all(others);
    expect(committer.commits()).toBe(2);
  });

  it('wait for those who are about to come back, at most for the patience', async () => {
    const patient = new VirtualClock({ now: 0 });
    const { groups, send, settled } = slowDisk(patient);
    const crowd = Array.from({ length: 8 }, send);
    await settled();
    groups[0]?.commit();
    await Promise.all(crowd);

    const back = [send(), send()];
    await settled();
    expect(groups).toHaveLength(1);
    back.push(...Array.from({ length: 4 }, send));
    await settled();
    expect(groups.map(({ size }) => size)).toEqual([8, 6]);
    groups[1]?.commit();
    await Promise.all(back);

    const alone = send();
    await settled();
    expect(groups).toHaveLength(2);
    await patient.run(2);
    expect(groups.map(({ size }) => size)).toEqual([8, 6, 1]);
    groups[2]?.commit();
    await alone;

    const next = send();
    await settled();
    expect(groups, 'a single sender waits for nobody').toHaveLength(4);
    groups[3]?.commit();
    await next;
  });

  it('do not keep waiting those who take and settle', async () => {
    const { groups, committer, send, settled } = slowDisk(new VirtualClock({ now: 0 }));
    const crowd = Array.from({ length: 8 }, send);
    await settled();
    groups[0]?.commit();
    await Promise.all(crowd);
    const sending = send();
    await settled();
    expect(groups).toHaveLength(1);
    const taking = committer.submit({
      kind: 'take',
      queue: 'changes',
      now: 0,
      leaseMs: 1,
      keys: 1,
      messages: 1,
    });
    await settled();
    expect(groups.map(({ size }) => size)).toEqual([8, 1]);
    groups[1]?.commit();
    await Promise.all([sending, taking]);
  });

  it('are bounded: what does not fit is refused at once, and the rest goes on', async () => {
    const { groups, committer, send, settled } = slowDisk();
    const first = send();
    await settled();
    const envelopes = Array.from({ length: 60_000 }, () => ['k', null, 0, 0, {}] as const);
    const fits = committer.send('changes', envelopes);
    await expect(committer.send('changes', envelopes)).rejects.toEqual(unavailable('BACKLOG'));
    groups[0]?.commit();
    await first;
    await settled();
    groups[1]?.commit();
    await fits;
    expect(groups[1]?.size).toBe(60_000);
  });
});
