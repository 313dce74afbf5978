import { expect, test } from 'vitest';
import { createSessions, type Entrant } from '../../src/dashboard/sessions.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const ADMIN: Entrant = { kind: 'entra', access: 'admin', account: 'aaaaaaaa-0000-4000-8000-000000000001' };
const READER: Entrant = { kind: 'entra', access: 'reader', account: 'aaaaaaaa-0000-4000-8000-000000000002' };
const LINK: Entrant = { kind: 'link', access: 'admin', account: null };

const made = () =>
  createSessions({
    clock: new VirtualClock(),
    random: seededRandom(1),
    sessions: { idleMs: 3_600_000, longestMs: 43_200_000 },
  });

test('an account has five at most: its own longest unused one ends, and nobody else is pushed out', () => {
  const sessions = made();
  const [admin, link] = [sessions.open(ADMIN), sessions.open(LINK)];
  const first = Array.from({ length: 5 }, () => sessions.open(READER));
  expect(first.every((id) => sessions.of(id) !== null)).toBe(true);
  // The first is in use, so the second is the longest unused.
  sessions.of(first[0]);
  const sixth = sessions.open(READER);
  expect([...first, sixth].map((id) => sessions.of(id) !== null)).toEqual([
    true,
    false,
    true,
    true,
    true,
    true,
  ]);
  for (let times = 0; times < 200; times += 1) sessions.open(READER);
  expect(sessions.of(sixth)).toBeNull();
  for (const id of [admin, link]) expect(sessions.of(id)).not.toBeNull();
});

test('of links any number may be open, and of all together a hundred', () => {
  const sessions = made();
  const ids = Array.from({ length: 101 }, () => sessions.open(LINK));
  expect(ids.map((id) => sessions.of(id) !== null)).toEqual([false, ...Array<boolean>(100).fill(true)]);
});
