import { firstOf } from '../kit/loop.ts';
import type { PlaceRecord } from './ledger-port.ts';
import { portOf, type Needs } from './needs.ts';
import { isStopped, type Turn } from './turn.ts';

/** A turn takes on nothing new after this long: the next one looks at everything afresh. */
const LONGEST_MS = 4_000;
/** Places that come free one after the other are taken on together. */
const APART_MS = 100;

/** A portion of a turn's places, worked on from one sending to its answers. */
export interface Strand {
  /** Their keys. */
  readonly places: readonly number[];
  /** Resolves when everything that it learnt is stored. */
  readonly run: () => Promise<void>;
}

/** Places, and how many calls the target has room for. */
export interface Portion {
  readonly places: readonly PlaceRecord[];
  readonly operations: number;
}

export interface StrandWork {
  /** Calls that a strand asks room for, at least. */
  readonly least: number;
  /** Takes those of the places that the calls are enough for. */
  choose(portion: Portion): Promise<Strand>;
  /** From when on the place can be worked on (milliseconds since 1970); null when nothing is to be done in it. */
  dueAt(place: PlaceRecord): number | null;
  /** Nothing is to be done there but to write and remove contacts. */
  isPlain(place: PlaceRecord): boolean;
}

type Next =
  | ({ readonly kind: 'more' } & Portion)
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'over' };

/**
 * Works on the first portion and, while its answers are under way, on what comes free in the slab meanwhile: mailboxes whose
 * wait is over, or whose batch is. In a tenant of one slab nobody else would use these slots. As soon as anybody waits for a
 * turn, of whatever slab, nothing more is taken on: he waits for the time of one batch, as behind a turn of one portion. So does whoever stops the process.
 */
export async function workInStrands(
  { needs, turn }: { needs: Needs; turn: Turn },
  work: StrandWork,
  first: Portion,
): Promise<void> {
  const startedAt = needs.clock.now();
  const atWork = new Set<number>();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const start = async (portion: Portion): Promise<void> => {
    const { places, run } = await work.choose(portion);
    for (const place of places) atWork.add(place);
    const task = run()
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        running.delete(task);
        for (const place of places) atWork.delete(place);
      });
    running.add(task);
  };
  let next: Next = { kind: 'more', ...first };
  try {
    for (;;) {
      if (next.kind === 'more') await start(next);
      if (running.size === 0) break;
      const until = next.kind === 'wait' ? next.until : 0;
      const pauseMs = Math.max(APART_MS, until - needs.clock.now());
      if (next.kind === 'over') await Promise.race(running);
      else await firstOf(needs.clock, running, { ms: pauseMs });
      const isOver: boolean = next.kind === 'over' || failures.length > 0;
      next = isOver ? { kind: 'over' } : await look({ needs, turn }, work, { atWork, startedAt });
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
}

/** What is to be done beside the places that are at work. Brings the turn's places up to date. */
async function look(
  { needs, turn }: { needs: Needs; turn: Turn },
  work: StrandWork,
  { atWork, startedAt }: { atWork: ReadonlySet<number>; startedAt: number },
): Promise<Next> {
  const now = needs.clock.now();
  const isAlone = turn.delivery.messages.every(({ body }) => body.kind === 'fill');
  if (turn.stop.aborted || !isAlone || turn.reopened || now >= startedAt + LONGEST_MS)
    return { kind: 'over' };
  if ((await needs.writes.waiting()) > 0) return { kind: 'over' };
  const places = await needs.ledger.places.ofSlab(turn.tenant, turn.slab);
  turn.places = places.filter((place) => !isStopped(needs, place));
  const waiting = turn.places.flatMap((place) => {
    const dueAt = atWork.has(place.place) ? null : work.dueAt(place);
    return dueAt === null ? [] : { place, dueAt };
  });
  const due = waiting.filter(({ dueAt }) => dueAt <= now).map(({ place }) => place);
  if (due.some((place) => !work.isPlain(place))) return { kind: 'over' };
  if (due.length === 0) return { kind: 'wait', until: Math.min(...waiting.map(({ dueAt }) => dueAt)) };
  const { idle, askAt } = await portOf(needs.targets, turn.tenant).spare();
  return idle >= work.least
    ? { kind: 'more', places: due, operations: idle }
    : { kind: 'wait', until: askAt };
}
