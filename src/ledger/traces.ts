import type { LookOutcome, TraceBook, TracedLook } from '../engine/trace-port.ts';
import type { ChangeKind } from '../model/change.ts';
import { pack, unpack } from './packed.ts';
import type { Session } from './session.ts';

/** Read at a time: a portion is what one take of the queue brought. */
const PORTIONS = 200;

/** One row for all that was looked at together, as in the record of writes. */
export function createTraces({ db }: Session): TraceBook {
  return {
    add: async (tenant, at, looks) => {
      if (looks.length === 0) return;
      await db
        .insertInto('traces')
        .values({ tenant, at, looks: pack(looks.map(rowOf)) })
        .execute();
    },
    portions: async ({ before, since }) => {
      const found = await db
        .selectFrom('traces')
        .where('at', '>=', since)
        .$if(before !== null, (query) => query.where('entry', '<', before ?? 0))
        .selectAll()
        .orderBy('entry', 'desc')
        .limit(PORTIONS)
        .execute();
      return found.map(({ entry, looks, ...row }) => ({
        portion: entry,
        ...row,
        looks: unpack(looks).map(lookOf),
      }));
    },
    forgetBefore: async (at) => {
      const old = await db.selectFrom('traces').where('at', '<', at).select('entry').limit(1).execute();
      // Asked every minute, and mostly in vain.
      if (old.length > 0) await db.deleteFrom('traces').where('at', '<', at).execute();
    },
  };
}

function rowOf({ changes, kind, object, causes, outcome, fault }: TracedLook): string[] {
  return [changes.join(' '), kind, object, causes.join(' '), outcome, fault];
}

function lookOf([changes, kind, object, causes, outcome, fault]: readonly (string | null)[]): TracedLook {
  return {
    changes: changes ? changes.split(' ') : [],
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `rowOf`; a later version's word is only shown
    kind: (kind ?? 'user') as ChangeKind,
    object: object ?? '',
    causes: causes ? causes.split(' ') : [],
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same
    outcome: (outcome ?? 'looked') as LookOutcome,
    fault: fault ?? '',
  };
}
