import type { Clock } from '../src/kit/clock.ts';
import type { Log } from '../src/kit/log.ts';

/**
 * How late our answers are, as Microsoft Graph counts them. Of the answers in 10 minutes more than 10 % may not take over
 * 3 s, else all new notifications are delayed by 10 minutes; nor more than 15 % over 10 s, else they are dropped for
 * 10 minutes, without a word (learn.microsoft.com/graph/change-notifications-delivery-webhooks, April 2026).
 */
export interface Punctuality {
  /** An answer to a genuine post: strangers, who may send as slowly as they like, are not counted. */
  answered(tookMs: number): void;
  figures(): PunctualityFigures;
}

/** Of the last ten minutes. */
export interface PunctualityFigures {
  readonly answers: number;
  readonly over3s: number;
  readonly over10s: number;
  /** Whether these figures are beyond what Graph puts up with; each endpoint has several receivers, and Graph sees them all. */
  readonly delayed: boolean;
  readonly dropped: boolean;
}

export const LATE_MS = 3_000;
export const LOST_MS = 10_000;
const LATE_SHARE = 0.1;
const LOST_SHARE = 0.15;

const WINDOW_MS = 600_000;
const SLOTS = 60;
const SLOT_MS = WINDOW_MS / SLOTS;

interface Counts {
  answers: number;
  over3s: number;
  over10s: number;
}

/** What Graph does about it. */
type Punishment = 'answers-delaying' | 'answers-dropping';

export function createPunctuality(clock: Clock, log: Log): Punctuality {
  const slots: Counts[] = Array.from({ length: SLOTS }, none);
  const total = none();
  // Of the slot that is being written.
  let current = Math.floor(clock.now() / SLOT_MS);
  const silentUntil: Record<Punishment, number> = { 'answers-delaying': 0, 'answers-dropping': 0 };

  /** Forgets the slots that are older than the window. */
  function moveOn(): void {
    const slot = Math.floor(clock.now() / SLOT_MS);
    for (let old = Math.max(current + 1, slot - SLOTS + 1); old <= slot; old += 1) {
      const counts = slotOf(slots, old);
      total.answers -= counts.answers;
      total.over3s -= counts.over3s;
      total.over10s -= counts.over10s;
      Object.assign(counts, none());
    }
    current = Math.max(current, slot);
  }

  function complain(punishment: Punishment): void {
    const now = clock.now();
    if (now < silentUntil[punishment]) return;
    // Graph decides anew every ten minutes.
    silentUntil[punishment] = now + WINDOW_MS;
    log.tell(punishment, {
      ...total,
      minutes: WINDOW_MS / 60_000,
    });
  }

  return {
    answered(tookMs) {
      moveOn();
      for (const counts of [slotOf(slots, current), total]) {
        counts.answers += 1;
        if (tookMs > LATE_MS) counts.over3s += 1;
        if (tookMs > LOST_MS) counts.over10s += 1;
      }
      if (tookMs <= LATE_MS) return;
      if (isDelayed(total)) complain('answers-delaying');
      if (isDropped(total)) complain('answers-dropping');
    },
    figures() {
      moveOn();
      return { ...total, delayed: isDelayed(total), dropped: isDropped(total) };
    },
  };
}

function none(): Counts {
  return { answers: 0, over3s: 0, over10s: 0 };
}

function slotOf(slots: readonly Counts[], slot: number): Counts {
  const counts = slots[slot % SLOTS];
  if (counts === undefined) throw new Error('A slot outside the ring.');
  return counts;
}

function isDelayed({ answers, over3s }: Counts): boolean {
  return over3s > answers * LATE_SHARE;
}

function isDropped({ answers, over10s }: Counts): boolean {
  return over10s > answers * LOST_SHARE;
}
