import type { Concern, House } from '../dashboard/house.ts';
import type { Clock } from '../kit/clock.ts';
import type { Contacts } from './status.ts';

/** A look at every contact takes no more than this share of the time of whoever owns the ledger. */
const COUNT_SHARE = 100;

/** Contacts of the jobs as they were counted last. */
export interface Counts {
  /** Counts anew where that is due. Never rejects: what cannot be counted is a concern. */
  take(jobs: readonly string[], count: (job: string) => Promise<Contacts>): Promise<Counted>;
}

interface Counted {
  /** Null: not yet. */
  readonly countedAt: string | null;
  readonly contacts: ReadonlyMap<string, Contacts>;
  readonly concerns: readonly Concern[];
}

export function createCounts({ clock, said }: { clock: Clock; said: House['said'] }): Counts {
  let last: Counted = { countedAt: null, contacts: new Map(), concerns: [] };
  let notBefore = 0;
  return {
    async take(jobs, count) {
      const from = clock.now();
      if (from < notBefore) return last;
      try {
        const contacts = new Map<string, Contacts>();
        for (const job of jobs) contacts.set(job, await count(job));
        last = { countedAt: new Date(clock.now()).toISOString(), contacts, concerns: [] };
      } catch (error) {
        const what = `The contacts cannot be counted: ${said(error)}`;
        last = { ...last, concerns: [{ gravity: 'notice', about: 'service', what, remedy: AGAIN }] };
      }
      const now = clock.now();
      notBefore = now + (now - from) * COUNT_SHARE;
      return last;
    },
  };
}

const AGAIN = 'it is tried again; everything else on these pages is as of now';
