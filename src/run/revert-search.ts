import type { Ledger } from '../engine/ledger-port.ts';
import { isSearchDue } from '../engine/recall.ts';

export interface SearchParts {
  readonly ledger: Pick<Ledger, 'counters' | 'routes'>;
  readonly job: string;
  /** Those of the configuration: searched where the ledger does not know the job. */
  readonly tenants: readonly string[];
  /** Has the mailboxes of the tenant looked into as soon as that is possible; by somebody else where it is not given. */
  readonly search?: (tenant: string) => Promise<unknown>;
  /** Looks that were asked for and are not done. */
  readonly waiting: () => Promise<number>;
}

/**
 * A ledger that was lost knows of no mailbox that a revert has to empty: they are searched for first, and before that is over
 * nobody can say that nothing is left. Returns how much of the search is still to be done; 0 where none was due.
 */
export function createSearch({ ledger, job, tenants, search, waiting }: SearchParts): () => Promise<number> {
  let isSearched = false;
  return async () => {
    const known = (await ledger.routes.all()).filter((route) => route.job === job);
    const concerned = known.length > 0 ? known.map(({ targetTenant }) => targetTenant) : tenants;
    let due = 0;
    for (const tenant of new Set(concerned)) {
      if (!(await isSearchDue(ledger, tenant))) continue;
      isSearched = true;
      due += 1;
      await search?.(tenant);
    }
    return isSearched ? due + (await waiting()) : 0;
  };
}
