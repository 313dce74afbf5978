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

/** Synchronous; throws what SQLite throws, with everything rolled back. The tables are there already. */
export function createStore(database: Handle): Store {
  const rooms: Readonly<Record<QueueName, Room>> = {
    changes: createRoom(database, changeMessages),
    writes: createRoom(database, writeMessages),
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

function createRoom<Body>(database: Handle, kind: MessageKind<Body>): Room {
  const shelf = createShelf(database, kind);
  const leases = createLeases(database, kind, shelf);
  const figures = createFigures(database, kind.name);
  const append = database.prepare<[string]>(`INSERT INTO ${kind.name}_inbox (messages) VALUES (?)`);
  return (operation) => {
    switch (operation.kind) {
      case 'append':
        for (const row of operation.rows) append.run(row);
        return null;
      case 'take':
        return leases.take(operation);
      case 'renew':
        return leases.renew(operation);
      case 'settle':
        return leases.settle(operation);
      case 'freeAll':
        leases.freeAll(operation.now);
        return null;
      case 'depth':
        return figures.depth(operation.now);
      case 'deadLetters':
        return figures.deadLetters(operation.limit);
      default:
        throw new TypeError(operation satisfies never);
    }
  };
}

function isReading(operation: Operation): boolean {
  return operation.kind === 'depth' || operation.kind === 'deadLetters';
}
