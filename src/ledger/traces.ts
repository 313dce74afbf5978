import type { LookOutcome, TraceBook, TracedLook } from '../engine/trace-port.ts';
import type { ChangeKind } from '../model/change.ts';
import { createPortions } from './portions.ts';
import type { Session } from './session.ts';

/** One row for all that was looked at together. */
export function createTraces(session: Session): TraceBook {
  const table = { table: 'traces', column: 'looks' } as const;
  const portions = createPortions<TracedLook>(session, table, { write: rowOf, read: lookOf });
  return {
    add: portions.add,
    portions: async (from) =>
      (await portions.read(from)).map(({ rows, ...portion }) => ({ ...portion, looks: rows })),
    forgetBefore: portions.forgetBefore,
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
