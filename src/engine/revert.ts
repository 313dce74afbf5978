import { revertCounter } from './leave.ts';
import type { Ledger } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { fillMessage } from './send.ts';

/**
 * Orders that everything is taken back which the job put into mailboxes: a line in the ledger, which whoever works on the
 * ledger follows within about a second, and which stands until the job is taken up again. One that was under way goes on
 * where it stopped.
 */
export async function orderRevert(
  ledger: Pick<Ledger, 'halts' | 'routes' | 'counters'>,
  job: string,
  now: number,
): Promise<void> {
  const known = await ledger.halts.all();
  const isUnderWay = known.some(
    ({ scope, mode }) => mode === 'reverting' && scope.kind === 'job' && scope.name === job,
  );
  if (!isUnderWay) {
    for (const { id } of await routesOf(ledger, job)) {
      for (const what of ['free', 'kept'] as const) await ledger.counters.set(revertCounter(id, what), 0);
    }
  }
  await ledger.halts.set({ scope: { kind: 'job', name: job }, mode: 'reverting', since: now });
}

/**
 * Every place of a route that is being taken back leaves, past the guard: this is an administrator's order. Called again and
 * again, since a mailbox that joined at the very moment of the order must go, too.
 */
export async function beginReverts(
  needs: Pick<Needs, 'ledger' | 'writes' | 'halts' | 'clock' | 'log'>,
): Promise<void> {
  for (const { key, id } of await needs.ledger.routes.all()) {
    if (needs.halts.of(id) !== 'reverting') continue;
    const places = await needs.ledger.places.count(key);
    if (places === 0) continue;
    needs.log.tell('revert-begun', { route: id, places });
    const slabs = await needs.ledger.places.leaveAll(key);
    const at = needs.clock.now();
    await needs.writes.send(slabs.map((slab) => fillMessage(slab, at)));
  }
}

/** How far a revert is, in mailboxes. */
export interface RevertState {
  /** Still hold something of the job, or were not looked at yet. */
  readonly left: number;
  /** A look at the mailbox found nothing of the job. */
  readonly free: number;
  /** Among those: the folder stayed, since its owner has put something there. */
  readonly kept: number;
}

export async function revertState(
  ledger: Pick<Ledger, 'routes' | 'places' | 'counters'>,
  job: string,
): Promise<RevertState> {
  const state = { left: 0, free: 0, kept: 0 };
  for (const { key, id } of await routesOf(ledger, job)) {
    state.left += (await ledger.places.count(key)) + (await ledger.places.count(key, 'leaving'));
    state.free += await ledger.counters.read(revertCounter(id, 'free'));
    state.kept += await ledger.counters.read(revertCounter(id, 'kept'));
  }
  return state;
}

async function routesOf(ledger: Pick<Ledger, 'routes'>, job: string): Promise<{ key: number; id: string }[]> {
  return (await ledger.routes.all()).filter((route) => route.job === job);
}
