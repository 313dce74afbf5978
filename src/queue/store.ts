import type { Database as Handle } from 'better-sqlite3';
import { createFigures } from './figures.ts';
import { createLeases } from './leases.ts';
import { changeMessages, writeMessages, type MessageKind, type QueueName } from './messages.ts';
import type { Operation, OperationKind, Outcomes } from './operations.ts';
import { createShelf } from './shelf.ts';

/** Carries out a list of operations in one transaction: all of it is durable when `execute` returns, or none. */
export interface Store {
  execute(operations: readonly Operation[]): Executed;
}

export interface Executed {
  /** In the order of the operations. */
  readonly outcomes: readonly Outcomes[OperationKind][];
  /** False when nothing was changed, so that nothing had to reach the disk. */
  readonly wrote: boolean;
}

export interface StoreLimits {
  /**
   * Nothing more is stored while the file holds more than this. Taking goes on: sorted in, a message needs more room
   * than in the inbox, and a full queue that could not be drained would stay full.
   */
  readonly maxMiB?: number;
}

/** More than ten million waiting messages: a fault somewhere, not a load. The disk belongs to others, too. */
const MAX_MIB = 4_096;

/** Synchronous; throws what SQLite throws, with everything rolled back. The tables are there already. */
export function createStore(database: Handle, { maxMiB = MAX_MIB }: StoreLimits = {}): Store {
  const usedBytes = database
    .prepare<[], number>(
      `SELECT (page_count - freelist_count) * page_size
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    )
    .pluck();
  const isFull = (): boolean => (usedBytes.get() ?? 0) > maxMiB * 2 ** 20;
  const rooms: Readonly<Record<QueueName, Room>> = {
    changes: createRoom(database, changeMessages, isFull),
    writes: createRoom(database, writeMessages, isFull),
  };
  const totalChanges = database.prepare<[], number>('SELECT total_changes()').pluck();
  const inOneGo = database.transaction((operations: readonly Operation[]) =>
    operations.map((operation) => rooms[operation.queue](operation)),
  );
  return {
    execute(operations) {
      const before = totalChanges.get();
      // The write lock first: a transaction that reads and then wants to write could be refused half way.
      const outcomes = operations.every(isReading)
        ? inOneGo.deferred(operations)
        : inOneGo.immediate(operations);
      return { outcomes, wrote: totalChanges.get() !== before };
    },
  };
}

type Room = (operation: Operation) => Outcomes[OperationKind];

function createRoom<Body>(database: Handle, kind: MessageKind<Body>, isFull: () => boolean): Room {
  const shelf = createShelf(database, kind);
  const leases = createLeases(database, kind, shelf);
  const figures = createFigures(database, kind.name);
  const discard = database.prepare<[number, number]>(`DELETE FROM ${kind.name}_dead WHERE id = ? AND at = ?`);
  const append = database.prepare<[string]>(`INSERT INTO ${kind.name}_inbox (messages) VALUES (?)`);
  return (operation) => {
    switch (operation.kind) {
      case 'append':
        if (isFull()) return false;
        for (const row of operation.rows) append.run(row);
        return true;
      case 'take':
        return leases.take(operation);
      case 'renew':
        return leases.renew(operation);
      case 'setState':
        return leases.setState(operation);
      case 'settle':
        return leases.settle(operation);
      case 'freeAll':
        leases.freeAll(operation.now);
        return null;
      case 'depth':
        return figures.depth(operation.now);
      case 'peek':
        return figures.peek(operation.limit);
      case 'deadLetters':
        return figures.deadLetters(operation.limit);
      case 'discard':
        return operation.letters.reduce((sum, { id, at }) => sum + discard.run(id, at).changes, 0);
      default:
        throw new TypeError(operation satisfies never);
    }
  };
}

const READING: ReadonlySet<OperationKind> = new Set<OperationKind>(['depth', 'peek', 'deadLetters']);

function isReading(operation: Operation): boolean {
  return READING.has(operation.kind);
}
