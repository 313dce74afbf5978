import { expect, test } from 'vitest';
import { verdictOf } from '../../chaos/report.ts';
import { chaos } from '../../chaos/run.ts';

/** Every process dies, and everything else happens, within so many. */
const KILLS = 8;

test(`${KILLS} kills among seven processes, and the stores restarted: nothing lost, nothing twice`, async ({
  signal,
}) => {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const result = await chaos({ kills: KILLS, seed: 1, people: 30, mailboxes: 4, say, signal });
  console.log(JSON.stringify(result));
  expect(verdictOf(result), lines.join('\n')).toEqual([]);
  // Every kind of it happened.
  expect(result.kills).toBe(KILLS);
  for (const times of Object.values(result.killed)) expect(times).toBeGreaterThan(0);
  expect(result.amidCalls).toBeGreaterThan(0);
  expect(result.busRestarts).toBeGreaterThan(0);
  expect(result.databaseRestarts).toBeGreaterThan(0);
  expect(result.connectionsDropped).toBeGreaterThan(0);
  expect(result.sessionsStolen).toBeGreaterThan(0);
  expect(result.changes).toBeGreaterThan(KILLS);
  expect(result.posts.delivered).toBeGreaterThan(0);
}, 300_000);
