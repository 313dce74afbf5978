import SqliteDatabase from 'better-sqlite3';
import { createBodies } from '../../src/engine/bodies.ts';
import { adoptRoutes } from '../../src/engine/adopt.ts';
import { createHalts } from '../../src/engine/halts.ts';
import { createPictures } from '../../src/engine/pictures.ts';
import type { Needs } from '../../src/engine/needs.ts';
import type { Sighting, Source, Target } from '../../src/engine/ports.ts';
import { createInTurn } from '../../src/kit/in-turn.ts';
import { silentLog } from '../../src/kit/log.ts';
import { directoryRoutes } from '../../src/jobs/directory.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { digest, fingerprint, type Card } from '../../src/model/card.ts';
import { readPerson } from '../../src/graph/directory.ts';
import type { Person } from '../../src/model/person.ts';
import { createInThreadCommitter } from '../../src/queue/in-thread-committer.ts';
import { changeMessages, writeMessages } from '../../src/queue/messages.ts';
import { openSqliteQueue } from '../../src/queue/sqlite-queue.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

export const TENANT = 'contoso';
export const SOURCE = 'group-source';
const KEY = Buffer.from('a key for tests only, 32 bytes..');

/** The engine over a real ledger and real queues in memory, and a directory that is a map. */
export interface BenchTop {
  readonly needs: Needs;
  readonly clock: VirtualClock;
  readonly people: Map<string, Sighting>;
  /** Waiting changes, by id. */
  waiting(): Promise<number>;
}

const print = (card: Card): string => fingerprint(KEY, card);

export async function openBenchTop(
  source: Partial<Source> = {},
  target?: Target,
  mapping = SEED_MAPPING,
): Promise<BenchTop> {
  const clock = new VirtualClock();
  const people = new Map<string, Sighting>();
  const ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  const committer = createInThreadCommitter(new SqliteDatabase(':memory:'));
  const queue = { committer, clock, leaseMs: 90_000 };
  const changes = await openSqliteQueue({ ...queue, messages: changeMessages });
  const writes = await openSqliteQueue({ ...queue, messages: writeMessages });
  const routes = directoryRoutes({
    id: 'staff',
    kind: 'directory',
    tenant: TENANT,
    source: { groups: [SOURCE] },
    target: { kind: 'licensed' },
    folder: 'Company Directory',
    mapping,
    guard: { count: 20, percent: 10 },
  });
  const adopted = await adoptRoutes({ ledger }, routes, routes);
  const directory: Source = {
    look: async (ids) => new Map(ids.map((id) => [id, people.get(id) ?? { kind: 'absent', proven: false }])),
    listings: ['users'],
    keepsSilent: false,
    async *changedPeople() {},
    async *changedGroups() {},
    pictureTags: async (ids) => new Map(ids.map((id) => [id, { kind: 'tag', tag: null }])),
    picture: async () => null,
    ...source,
  };
  const needs: Needs = {
    clock,
    log: silentLog,
    routes: adopted.routes,
    fingerprint: print,
    digest: () => '0000000000000000',
    sources: new Map([[TENANT, directory]]),
    targets: new Map(target ? [[TENANT, target]] : []),
    ledger,
    halts: createHalts(ledger.halts),
    changes,
    writes,
    bodies: createBodies({ sources: new Map([[TENANT, directory]]), fingerprint: print, ledger }),
    pictures: createPictures({
      sources: new Map([[TENANT, directory]]),
      digest: (...parts) => digest(KEY, ...parts),
      scale: async (bytes) => bytes,
    }),
    holdings: new Map(),
    resting: new Map(),
    unsure: new Map(),
    missed: new Map(),
    unread: new Map(),
    failing: new Set(),
    inTurn: createInTurn(),
    timing: { secondLookMs: [60_000, 300_000], gatewayTimeoutMs: 120_000, parkMs: 3_600_000 },
  };
  return {
    needs,
    clock,
    people,
    waiting: async () => {
      const { due, delayed } = await changes.depth();
      return due + delayed;
    },
  };
}

export function present(id: string, changes: Partial<Person> = {}): Sighting {
  const account = { id, accountEnabled: true, userType: 'Member', assignedLicenses: [] };
  const body = { ...account, displayName: 'A name', surname: 'Name', mail: `${id}@contoso.example` };
  return { kind: 'present', person: { ...readPerson({ status: 200, headers: {}, body }), ...changes } };
}
