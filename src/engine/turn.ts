import type { PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import type { Operation, Outcome } from './ports.ts';
import { noteTroubles, reopen } from './trouble.ts';

/** One holder's go at a slab: its places, and the generation that proves the ledger to be the newest. */
export interface Turn {
  readonly tenant: string;
  readonly slab: number;
  readonly places: readonly PlaceRecord[];
  /** The slab's generation in the ledger: raised by the turn's first write. */
  generation: number;
  bumped: boolean;
  /** The generation in the ledger is confirmed in a folder. */
  stamped: boolean;
  /** A folder could not be found: its place is to be opened again. */
  reopened: boolean;
}

/** So many folders are asked for their generation; one answer is enough. */
const WITNESSES = 3;

/** The place has a folder that may be written now. */
export function isOpen(place: PlaceRecord, now: number): boolean {
  return place.folder !== null && place.trusted && isReachable(place, now);
}

export function isReachable(place: PlaceRecord, now: number): boolean {
  return place.mailboxState === 'ready' && place.notBefore <= now;
}

/**
 * Opens a turn. The first turn of this process in a slab compares the ledger's generation with what its folders say: a
 * ledger that was restored from a backup, or that lost track, is behind them. Then nothing it says about links is
 * believed, and the links are rebuilt from the marks before anything is written.
 */
export async function openTurn(needs: Needs, tenant: string, slab: number): Promise<Turn> {
  const { slabs, places } = needs.ledger;
  let records = await places.ofSlab(tenant, slab);
  let behind = false;
  const name = `${tenant}|${slab}`;
  if (!needs.proven.has(name)) {
    const verdict = await compareGeneration(needs, { tenant, slab }, records);
    behind = verdict.kind === 'behind';
    if (verdict.kind === 'behind') {
      needs.log.warn('the ledger is older than the folders: links are rebuilt from the marks', {
        tenant,
        slab,
      });
      await slabs.distrust(tenant, slab, verdict.generation);
      // What the queue finished since the backup, the ledger does not know: everybody is looked at again.
      for (const { sourceTenant, targetTenant } of needs.routes) {
        if (targetTenant === tenant) await needs.ledger.counters.set(roundWanted(sourceTenant), 1);
      }
      records = await places.ofSlab(tenant, slab);
    }
    if (verdict.kind !== 'unseen') needs.proven.add(name);
  }
  const generation = await slabs.generation(tenant, slab);
  return {
    tenant,
    slab,
    places: records,
    generation: generation.current,
    bumped: false,
    stamped: generation.stamped >= generation.current,
    reopened: behind,
  };
}

/** The ledger's counter that asks the keeper for a round over everybody of a tenant. */
export function roundWanted(tenant: string): string {
  return `round wanted|${tenant}`;
}

type Comparison = { kind: 'level' } | { kind: 'unseen' } | { kind: 'behind'; generation: number };

async function compareGeneration(
  needs: Needs,
  { tenant, slab }: { tenant: string; slab: number },
  places: readonly PlaceRecord[],
): Promise<Comparison> {
  const withFolder = places.filter((place) => place.folder !== null && place.trusted);
  if (withFolder.length === 0) return { kind: 'level' };
  const now = needs.clock.now();
  const witnesses = withFolder.filter((place) => isReachable(place, now)).slice(0, WITNESSES);
  if (witnesses.length === 0) return { kind: 'unseen' };
  const operations = witnesses.map((place) => ({
    kind: 'read-generation' as const,
    mailbox: place.owner,
    folder: place.folder ?? '',
  }));
  const outcomes = await portOf(needs.targets, tenant).apply(operations, 'live');
  const { current } = await needs.ledger.slabs.generation(tenant, slab);
  const answered = outcomes.flatMap((outcome) => (outcome.kind === 'folder' ? [outcome.generation] : []));
  await noteTroubles(
    needs,
    tenant,
    witnesses.map((place, index) => ({ place, outcome: outcomes[index] })),
  );
  if (answered.length === 0) {
    const passing = outcomes.find(
      (outcome) => outcome.kind === 'fault' && outcome.fault.kind !== 'not-found',
    );
    if (passing?.kind === 'fault') throw passing.fault;
    // No folder is left to ask: nothing proves the ledger right.
    return { kind: 'behind', generation: current };
  }
  const newest = Math.max(...answered);
  return newest > current ? { kind: 'behind', generation: newest } : { kind: 'level' };
}

/** The stamp that goes out with the turn's first writes, to the first folder of the slab that can be reached. */
export function stamp(turn: Turn, now: number): (Operation & { place: PlaceRecord }) | null {
  const beacon = turn.stamped ? undefined : turn.places.find((place) => isOpen(place, now));
  if (!beacon) return null;
  const { owner, folder } = beacon;
  return {
    kind: 'write-generation',
    mailbox: owner,
    folder: folder ?? '',
    generation: turn.generation,
    place: beacon,
  };
}

/** What became of the stamp. */
export async function stamped(
  needs: Needs,
  turn: Turn,
  { place, outcome }: { place: PlaceRecord; outcome: Outcome | undefined },
): Promise<void> {
  if (outcome?.kind === 'done') {
    await needs.ledger.slabs.stamped(turn.tenant, turn.slab, turn.generation);
    turn.stamped = true;
    return;
  }
  await noteTroubles(needs, turn.tenant, [{ place, outcome }]);
  if (outcome?.kind === 'fault' && outcome.fault.kind === 'not-found') {
    await reopen(needs, [place.place]);
    turn.reopened = true;
  }
}

/** The turn is over when its generation stands in a folder; false when that has to be tried again. */
export async function closeTurn(needs: Needs, turn: Turn): Promise<boolean> {
  const operation = stamp(turn, needs.clock.now());
  if (operation) {
    const [outcome] = await portOf(needs.targets, turn.tenant).apply([operation], 'live');
    await stamped(needs, turn, { place: operation.place, outcome });
  }
  return turn.stamped || operation === null;
}
