import type { Fault, FaultKind } from '../model/fault.ts';
import { isRead } from './halts.ts';
import { portOf, type Needs } from './needs.ts';
import type { Target } from './ports.ts';
import type { Turn } from './turn.ts';

/** What the calls of one turn came to. */
export interface Tally {
  /**
   * The service was away for some of them, without a word about when to come back, or the turn waits for a round, and nothing was
   * written: whatever was read meanwhile, the turn is no step towards the end.
   */
  isFruitless(turn: Pick<Turn, 'awaitsRound'>): boolean;
}

/** They say nothing about a mailbox or a contact, so no book of the ledger knows of them. */
const AWAY: ReadonlySet<FaultKind> = new Set<FaultKind>(['unavailable', 'unknown-outcome', 'unauthorized']);

/** The same needs for one turn, whose calls to the tenant's target are counted. */
export function tallied(needs: Needs, tenant: string): { readonly needs: Needs; readonly tally: Tally } {
  const target = portOf(needs.targets, tenant);
  let failed = 0;
  let written = 0;
  const counted: Target = {
    spare: () => target.spare(),
    apply: async (operations, urgency) => {
      const outcomes = await target.apply(operations, urgency);
      outcomes.forEach((outcome, index) => {
        const operation = operations[index];
        if (outcome.kind === 'fault') failed += isAway(outcome.fault) ? 1 : 0;
        // A stamp goes along with every sending, whatever becomes of the others.
        else if (operation && !isRead(operation) && operation.kind !== 'write-generation') written += 1;
      });
      return outcomes;
    },
  };
  return {
    needs: { ...needs, targets: new Map([[tenant, counted]]) },
    tally: { isFruitless: ({ awaitsRound }) => (failed > 0 || awaitsRound) && written === 0 },
  };
}

function isAway({ kind, retryAt }: Fault): boolean {
  return AWAY.has(kind) && retryAt === undefined;
}
