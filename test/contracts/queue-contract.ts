import { afterEach, beforeEach, describe } from 'vitest';
import type { Delivery, Outgoing, Queue, Verdict } from '../../src/engine/queue-port.ts';
import { changeKey, type Change } from '../../src/model/change.ts';
import { leaseContract } from './queue-contract-leases.ts';
import { messageContract } from './queue-contract-messages.ts';
import { readyContract } from './queue-contract-ready.ts';

/** A queue of changes on storage that outlives it, and a clock that only the test moves. */
export interface QueueUnderTest {
  queue: Queue<Change>;
  readonly traits: QueueTraits;
  readonly clock: { now(): number; advance(ms: number): Promise<void> };
  /** Drops the queue object as a crash would; the new one sees the same storage and waits for old leases to end. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** Where drivers may differ, since nothing above them relies on it. */
export interface QueueTraits {
  /** What waits for its time is merged with what comes before it; else each keeps its time, and what is due together is merged. */
  readonly mergesDelayed: boolean;
  /** After a crash, whatever lay in the crashed process can be taken when so much time has passed (milliseconds). */
  readonly takeOverMs: number;
  /** A time in which nothing happens, as long as the driver can be watched for (milliseconds). */
  readonly quietMs: number;
}

/** Leases of `leaseMs`; nothing is stored yet. */
export type MakeQueue = (options: { leaseMs: number }) => Promise<QueueUnderTest>;

export const LEASE_MS = 30_000;
export const wide = { keys: 100, messages: 1_000 };

export function change(id: string, fields: Partial<Change> = {}): Change {
  return {
    v: 1,
    kind: 'user',
    tenant: 'contoso',
    id,
    causes: ['notification'],
    at: 1_000,
    ...fields,
  };
}

/** A change that is merged with another one for its object. */
export function outgoing(body: Change, fields: Partial<Outgoing<Change>> = {}): Outgoing<Change> {
  return { key: changeKey(body), mergeKey: changeKey(body), body, ...fields };
}

/** A change that keeps apart from others of the same key. */
export function separate(key: string, id: string, fields: Partial<Outgoing<Change>> = {}): Outgoing<Change> {
  return { key, body: change(id), ...fields };
}

export function verdicts(delivery: Delivery<Change>, verdict: Verdict): Map<string, Verdict> {
  return new Map(delivery.messages.map((message) => [message.id, verdict]));
}

export function idsOf(delivery: Delivery<Change> | undefined): string[] {
  return (delivery?.messages ?? []).map((message) => message.body.id);
}

export function only<Item>(items: readonly Item[]): Item {
  const [first, ...others] = items;
  if (first === undefined || others.length > 0) throw new Error(`one was expected, not ${items.length}`);
  return first;
}

export const done: Verdict = { kind: 'done' };

/** What every driver promises (see `Queue`). Each driver runs it; nothing in it knows one of them. */
export function queueContract(name: string, make: MakeQueue): void {
  describe(`queue contract: ${name}`, () => {
    let test: QueueUnderTest;
    beforeEach(async () => {
      test = await make({ leaseMs: LEASE_MS });
    });
    afterEach(() => test.close());

    describe('messages', () => messageContract(() => test));
    describe('leases', () => leaseContract(() => test));
    describe('ready', () => readyContract(() => test));
  });
}
