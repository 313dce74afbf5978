import { expect } from 'vitest';
import type { Outgoing, Queue } from '../../src/engine/queue-port.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { Change } from '../../src/model/change.ts';
import type { Committer } from '../../src/queue/committer.ts';
import { changeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { change, outgoing } from '../contracts/queue-contract.ts';

/** Matches the fault of a queue that took nothing. */
export function unavailable(code?: string): unknown {
  return expect.objectContaining({
    name: 'Fault',
    kind: 'unavailable',
    ...(code === undefined ? {} : { code }),
  });
}

export function changesOn(committer: Committer): Promise<Queue<Change>> {
  return openSqliteQueue({ committer, messages: changeMessages, clock: systemClock, leaseMs: 60_000 });
}

export function flood(name: string, count: number): Outgoing<Change>[] {
  return Array.from({ length: count }, (_, index) => outgoing(change(`${name}-${index}-${'x'.repeat(200)}`)));
}
