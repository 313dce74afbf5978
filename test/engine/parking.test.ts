import { describe, expect, test } from 'vitest';
import { park, parkingOf } from '../../src/engine/parking.ts';
import { Fault } from '../../src/model/fault.ts';
import { openBenchTop, TENANT, type BenchTop } from './bench-top.ts';

const HOUR_MS = 3_600_000;
const alternating = ['MailboxNotEnabledForRESTAPI', 'ResourceNotFound'] as const;

async function withMailbox(): Promise<BenchTop> {
  const top = await openBenchTop();
  const [route] = top.needs.routes;
  await top.needs.ledger.mailboxes.join(TENANT, 'ann', route?.key ?? 0);
  return top;
}

function fail(top: BenchTop, code: string): Promise<void> {
  return park(top.needs, TENANT, new Map([['ann', new Fault('mailbox-unavailable', 'refused', { code })]]));
}

describe('a mailbox that cannot be used', () => {
  test('is tried again after an hour, then two, four, eight, sixteen, and once a day for good', () => {
    let mailbox = { probes: 0, troubledSince: null as number | null };
    const waits: number[] = [];
    for (let now = 5; waits.length < 7;) {
      const parking = parkingOf(mailbox, { reason: 'x', now, parkMs: HOUR_MS });
      waits.push((parking.until - now) / HOUR_MS);
      expect(parking.since).toBe(5);
      mailbox = { probes: parking.probes, troubledSince: parking.since };
      now = parking.until;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 24, 24]);
  });

  test('that alternates between two answers is one trouble, under its latest name', async () => {
    const top = await withMailbox();
    const { mailboxes } = top.needs.ledger;
    for (const [probe, code] of [...alternating, ...alternating].entries()) {
      await fail(top, code);
      const [ann] = await mailboxes.parked();
      expect(ann).toMatchObject({ probes: probe + 1, reason: code });
      await mailboxes.unpark(TENANT, ann?.notBefore ?? 0);
    }
  });

  test('is parked once by all the failures of one turn', async () => {
    const top = await withMailbox();
    for (const code of alternating) await fail(top, code);
    expect(await top.needs.ledger.mailboxes.parked()).toMatchObject([
      { probes: 1, notBefore: top.clock.now() + HOUR_MS },
    ]);
  });

  test('that works again begins anew', async () => {
    const top = await withMailbox();
    await fail(top, alternating[0]);
    await top.needs.ledger.mailboxes.unpark(TENANT, top.clock.now() + HOUR_MS);
    await top.needs.ledger.mailboxes.recovered(TENANT, 'ann');
    await fail(top, alternating[0]);
    expect(await top.needs.ledger.mailboxes.parked()).toMatchObject([{ probes: 1 }]);
  });
});
