import type { HaltBook, HaltMode } from './ledger-books.ts';
import type { Operation } from './ports.ts';

/**
 * What the ledger says about stopped routes, as last read. Read before every turn and every second; asked, without
 * waiting, whenever a batch is about to leave: so a pause holds within about a second and one batch, also for what was
 * handed over for sending already.
 */
export interface Halts {
  /** What holds for the route (its id); null when it works. */
  of(route: string): HaltMode | null;
  /** May this operation be sent now? */
  admits(operation: Operation): boolean;
  /** Reads the ledger; true when something is different from before. */
  refresh(): Promise<boolean>;
}

export function createHalts(book: Pick<HaltBook, 'ofRoutes'>): Halts {
  let halts: ReadonlyMap<string, HaltMode> = new Map();
  return {
    of: (route) => halts.get(route) ?? null,
    admits: (operation) => admits(halts.get(operation.route), operation.kind),
    refresh: async () => {
      const before = halts;
      halts = await book.ofRoutes();
      return before.size !== halts.size || [...halts].some(([route, mode]) => before.get(route) !== mode);
    },
  };
}

/** Reading disturbs nobody, and lets a turn that is under way come to an orderly end. */
const READS: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'find-folder',
  'read-generation',
  'list',
  'list-changes',
  'list-adoptable',
  'find',
  'read',
]);
const REMOVALS: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'remove',
  'unstamp',
  'clear-folder',
]);

function admits(mode: HaltMode | undefined, kind: Operation['kind']): boolean {
  if (mode === undefined || READS.has(kind)) return true;
  return mode === 'reverting' && REMOVALS.has(kind);
}
