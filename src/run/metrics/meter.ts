import type { Registry } from 'prom-client';
import { isRead } from '../../engine/halts.ts';
import type { Operation, Outcome, Target } from '../../engine/ports.ts';
import type { Queue } from '../../engine/queue-port.ts';
import type { Clock } from '../../kit/clock.ts';
import { tenantOf } from '../../model/exchange-place.ts';
import type { Route } from '../../model/route.ts';
import type { Write } from '../../model/write.ts';
import { counterOf, histogramOf } from './expose.ts';

/** Puts itself between the engine and what it writes to, and counts what goes by. */
export interface Meter {
  target(place: string, target: Target): Target;
  writes(queue: Queue<Write>): Queue<Write>;
}

/** From seconds, which is what is promised, to the hour that a mailbox may ask to wait. */
const LAG_SECONDS = [0.5, 1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 300, 600, 1_800, 3_600];

export function createMeter(
  registry: Registry,
  { clock, routes }: { readonly clock: Clock; readonly routes: readonly Pick<Route, 'id' | 'job'>[] },
): Meter {
  const written = counterOf(registry, 'contact_sync_writes_total');
  const lag = histogramOf(registry, 'contact_sync_lag_seconds', LAG_SECONDS);
  const jobs = new Map(routes.map(({ id, job }) => [id, job]));
  return {
    target: (place, target) => ({
      spare: () => target.spare(),
      apply: async (operations, urgency) => {
        const outcomes = await target.apply(operations, urgency);
        for (const [index, operation] of operations.entries()) {
          const outcome = outcomes[index];
          if (!outcome || !isWrite(operation)) continue;
          // A job that was withdrawn is known by its route alone.
          const job_id = jobs.get(operation.route) ?? operation.route;
          written.inc({
            tenant: tenantOf(place),
            job_id,
            operation: operation.kind,
            outcome: wordFor(outcome),
          });
        }
        return outcomes;
      },
    }),
    writes: (queue) =>
      settledOf(queue, ({ tenant, announced }) => {
        lag.observe({ tenant: tenantOf(tenant) }, Math.max(0, clock.now() - announced) / 1_000);
      }),
  };
}

type WriteOperation = Exclude<Operation, { readonly kind: 'list-folders' }>;

function isWrite(operation: Operation): operation is WriteOperation {
  return !isRead(operation);
}

function wordFor(outcome: Outcome): string {
  if (outcome.kind === 'fault') return outcome.fault.kind;
  return outcome.kind === 'kept' ? 'kept' : 'done';
}

interface Announced {
  readonly tenant: string;
  readonly announced: number;
}

/** The same queue, which tells of each announced write when it is done, and that is durable. */
function settledOf(queue: Queue<Write>, done: (write: Announced) => void): Queue<Write> {
  const settle: Queue<Write>['settle'] = async (delivery, verdicts) => {
    await queue.settle(delivery, verdicts);
    for (const { id, body } of delivery.messages) {
      if (body.kind !== 'identity' || body.announced === undefined) continue;
      if (verdicts.get(id)?.kind === 'done') done({ tenant: body.tenant, announced: body.announced });
    }
  };
  return { ...queue, settle };
}
