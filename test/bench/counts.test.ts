import { describe, expect, test } from 'vitest';
import { total } from '../tenant/counts.ts';
import { countFirstFill, firstFillTarget } from './first-fill.ts';
import { countIdleSweep, listings } from './idle-sweep.ts';
import { countRevert, revertFloor } from './revert.ts';
import { countPhotoSweep } from './photo-sweep.ts';
import { countOneChange, oneChangeTarget } from './one-change.ts';

/** Counts on virtual time are the same in every run: these figures are promises, not measurements. */
describe('requests to Microsoft Graph', () => {
  test.each([50, 2_000])('one changed person, %i mailboxes: ceil(M/20) + 4', async (mailboxes) => {
    const { change, secondLooks } = await countOneChange(mailboxes);
    expect(change.writes).toBe(mailboxes);
    expect(change.requests).toBeLessThanOrEqual(oneChangeTarget(mailboxes));
    // One reading of the person, whoever follows.
    expect(total(change.operations, 'GET users/{id}')).toBe(1);
    expect(secondLooks).toMatchObject({ requests: 1, writes: 0 });
  });

  test('a quiet night: at most 12, and nobody is listed', async () => {
    const night = await countIdleSweep({ people: 1_000, mailboxes: 20, teams: 20, changed: 5 });
    expect(night.writes).toBe(100);
    expect(night.requests).toBeLessThanOrEqual(12);
    expect(listings(night)).toBe(0);
    expect(total(night.operations, 'GET users/delta')).toBe(1);
    expect(total(night.operations, 'GET users/{id}')).toBe(5);
  });

  test('a quiet night with contacts and administrative units: one delta request more for each', async () => {
    const size = { people: 200, mailboxes: 5, teams: 20, changed: 5 };
    const plain = await countIdleSweep(size);
    const further = await countIdleSweep({ ...size, contacts: 50 });
    expect([plain, further].map(({ operations }) => total(operations, 'GET contacts/delta'))).toEqual([0, 1]);
    const units = 'GET directory/administrativeUnits/delta';
    expect([plain, further].map(({ operations }) => total(operations, units))).toEqual([0, 1]);
    expect(further.requests).toBe(plain.requests + 2);
    expect([total(further.operations, 'GET contacts/{id}'), further.writes]).toEqual([0, plain.writes]);
  });

  test('a quiet night with pictures: a request for 20 people, spread over an hour, and nothing is read or written', async () => {
    const night = await countPhotoSweep({ people: 400, mailboxes: 2 });
    expect(night).toMatchObject({ tags: 400, pictures: 0, writes: 0 });
    expect(night.requests - night.rounds).toBe(20);
    expect(night.busiestMinute).toBe(1);
  });

  test('first fill: batches 95 percent full, and three a mailbox; at most 96 bytes of ledger a link', async () => {
    const fill = await countFirstFill({ people: 500, mailboxes: 50 });
    // Nobody is a contact of their own.
    expect(fill.writes).toBe(500 * 50 - 50);
    expect(fill.requests).toBeLessThanOrEqual(firstFillTarget(fill.writes, 50));
    expect(total(fill.operations, 'GET users/{id}')).toBe(500);
    expect(fill.ledgerBytes / fill.writes).toBeLessThanOrEqual(96);
    // Less than an item id and a fingerprint is not a ledger of this fill.
    expect(fill.ledgerBytes / fill.writes).toBeGreaterThan(21 + 8);
  });

  test('a revert: a look at every page, the removal, a look afterwards; a pause holds within a second', async () => {
    const size = { mailboxes: 100, contacts: 1_500 };
    const { calls } = revertFloor(size);
    expect(await countRevert(size, false)).toMatchObject({ free: size.mailboxes, refused: 0, calls });
    expect((await countRevert(size, true)).pauseMs).toBeLessThanOrEqual(1_000);
  });
});
