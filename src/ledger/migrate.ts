import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import type { Log } from '../kit/log.ts';
import type { Dialect } from './dialect.ts';
import { start } from './migrations/0001-start.ts';
import { crew } from './migrations/0002-crew.ts';
import { references } from './migrations/0003-references.ts';
import { book } from './migrations/0004-book.ts';
import { waits } from './migrations/0005-waits.ts';
import { compliance } from './migrations/0006-compliance.ts';
import { traces } from './migrations/0007-traces.ts';
import type { Tables } from './tables.ts';

/** Where it stands which migrations were applied. */
const TABLE = 'migrations';

/**
 * Brings the schema up to date; does nothing when it is. Throws one clear line when the ledger was written by a newer
 * version: an older one would not keep what that version remembers.
 */
export function migrate(db: Kysely<Tables>, dialect: Dialect, log: Log): Promise<void> {
  return dialect.migrating(db, (alone) => bringUpToDate(alone, dialect, log));
}

/** How the schema stands to this version, with nothing done to it; `missing`: nothing of ours is there. */
export async function schemaOf(
  db: Kysely<Tables>,
  dialect: Dialect,
): Promise<'missing' | 'older' | 'current' | 'newer'> {
  const { applied, unknown, isCurrent } = await compareSchema(db, dialect);
  if (unknown !== undefined) return 'newer';
  return isCurrent ? 'current' : applied.length === 0 ? 'missing' : 'older';
}

/** Throws as `migrate` does. */
export async function demandKnown(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
  refuseUnknown((await compareSchema(db, dialect)).unknown);
}

interface Compared {
  readonly migrations: Record<string, Migration>;
  readonly applied: readonly string[];
  /** A migration of a newer version. */
  readonly unknown: string | undefined;
  readonly isCurrent: boolean;
}

async function compareSchema(db: Kysely<Tables>, dialect: Dialect): Promise<Compared> {
  const migrations: Record<string, Migration> = {
    '0001-start': start(dialect.columns),
    '0002-crew': crew(dialect.columns),
    '0003-references': references,
    '0004-book': book(dialect.columns),
    '0005-waits': waits(dialect.columns),
    '0006-compliance': compliance(dialect.columns),
    '0007-traces': traces(dialect.columns),
  };
  const applied = await appliedMigrations(db);
  const unknown = applied.find((name) => !(name in migrations));
  const isCurrent = Object.keys(migrations).every((name) => applied.includes(name));
  return { migrations, applied, unknown, isCurrent };
}

function refuseUnknown(migration: string | undefined): void {
  if (migration !== undefined)
    throw new Error(
      `This ledger was written by a newer version of contact-sync (migration ${migration}): run that version, or restore the backup from before the upgrade.`,
    );
}

async function bringUpToDate(db: Kysely<Tables>, dialect: Dialect, log: Log): Promise<void> {
  const { migrations, unknown, isCurrent } = await compareSchema(db, dialect);
  refuseUnknown(unknown);
  if (isCurrent) return;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableName: TABLE,
    migrationLockTableName: 'migrations_lock',
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw new Error('The ledger could not be brought to the current schema.', { cause: error });
  for (const { migrationName } of results ?? []) log.tell('ledger-migrated', { migration: migrationName });
}

async function appliedMigrations(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === TABLE)) return [];
  const rows = await db
    .withTables<{ [TABLE]: { name: string } }>()
    .selectFrom(TABLE)
    .select('name')
    .execute();
  return rows.map((row) => row.name);
}
