import type { RecordedWrite } from '../engine/record-port.ts';
import type { Config } from '../kit/config/config.ts';
import { iso } from '../kit/iso.ts';
import { withLedger } from './orders.ts';
import { portionsSince } from './portions.ts';

export interface RecordAsked {
  /** Object id or SyncId; null: of anybody. */
  readonly person: string | null;
  /** Object id of the owner; null: of any mailbox. */
  readonly mailbox: string | null;
  /** Milliseconds since 1970; nothing older. */
  readonly since: number;
  /** No more than so many, the newest. */
  readonly limit: number;
}

export interface RecordReport {
  /** In the order in which they were answered. */
  readonly writes: readonly Recorded[];
  /** There are more, and older ones. */
  readonly more: boolean;
}

export interface Recorded extends RecordedWrite {
  /** With its zone. */
  readonly at: string;
  readonly tenant: string;
}

/** The record of writes, beside a running service. */
export function readRecord(config: Config, asked: RecordAsked): Promise<RecordReport> {
  const { since, limit } = asked;
  return withLedger(config, async ({ record }) => {
    const newest: Recorded[] = [];
    for await (const { at, tenant, writes } of portionsSince(record, since)) {
      const fitting = writes.filter((one) => isAbout(one, asked));
      newest.push(...fitting.toReversed().map((one) => ({ at: iso(at), tenant, ...one })));
      if (newest.length > limit) break;
    }
    return { writes: newest.slice(0, limit).toReversed(), more: newest.length > limit };
  });
}

function isAbout({ identity, mailbox }: RecordedWrite, asked: RecordAsked): boolean {
  return (
    (asked.person === null || identity === asked.person) &&
    (asked.mailbox === null || mailbox === asked.mailbox)
  );
}
