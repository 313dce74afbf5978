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
  /** Grows whenever something is different from before, whoever read it: each who follows compares it with what it saw. */
  readonly version: number;
  /** Reads the ledger. */
  refresh(): Promise<void>;
}

export function createHalts(book: Pick<HaltBook, 'ofRoutes'>): Halts {
  let halts: ReadonlyMap<string, HaltMode> = new Map();
  let version = 0;
  return {
    of: (route) => halts.get(route) ?? null,
    admits: (operation) => isRead(operation) || admits(halts, operation),
    get version() {
      return version;
    },
    refresh: async () => {
      const latest = await book.ofRoutes();
      if (isOther(halts, latest)) version += 1;
      halts = latest;
    },
  };
}

function isOther(before: ReadonlyMap<string, HaltMode>, now: ReadonlyMap<string, HaltMode>): boolean {
  return before.size !== now.size || [...now].some(([route, mode]) => before.get(route) !== mode);
}

/** It changes nothing in the mailbox. */
export function isRead({ kind }: Operation): boolean {
  return READS.has(kind);
}

/** Reading disturbs nobody, and lets a turn that is under way come to an orderly end. */
const READS: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'find-folder',
  'list-folders',
  'count',
  'look-at-picture',
  'read-generation',
  'list',
  'list-changes',
  'list-adoptable',
  'list-adopted',
  'find',
  'read',
  'survey',
  'look-at',
]);
const REMOVALS: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'remove',
  'unstamp',
  'clear-folder',
]);

function admits(halts: ReadonlyMap<string, HaltMode>, operation: Operation): boolean {
  const mode = 'route' in operation ? halts.get(operation.route) : undefined;
  return mode === undefined || (mode === 'reverting' && REMOVALS.has(operation.kind));
}
