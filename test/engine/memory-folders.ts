import type { FoundItem, Operation, Outcome, Target } from '../../src/engine/ports.ts';
import type { Card } from '../../src/model/card.ts';

/** Contact folders as plain maps: every operation is noted, every write applied at once. */
export interface MemoryFolders extends Target {
  /** Kinds of the operations so far. */
  readonly asked: Operation['kind'][];
  /** By mailbox. */
  readonly folders: Map<string, MemoryFolder>;
  /** Answers in place of the folders, when it has an answer. */
  instead: (operation: Operation) => Promise<Outcome | undefined>;
}

interface MemoryFolder {
  generation: number;
  name: string;
  readonly items: Map<string, { identity: string; card: Card }>;
}

export function createMemoryFolders(): MemoryFolders {
  const asked: Operation['kind'][] = [];
  const folders = new Map<string, MemoryFolder>();
  let items = 0;

  function apply(operation: Operation): Outcome {
    asked.push(operation.kind);
    const folder = folders.get(operation.mailbox);
    if (operation.kind === 'make-folder') {
      const { mailbox, name, generation } = operation;
      folders.set(mailbox, { name, generation, items: new Map() });
      return { kind: 'folder', folder: mailbox, name, generation };
    }
    if (!folder) return { kind: 'folder', folder: null, name: '', generation: 0 };
    switch (operation.kind) {
      case 'find-folder':
      case 'read-generation':
        return { kind: 'folder', folder: operation.mailbox, ...folder };
      case 'write-generation':
        folder.generation = operation.generation;
        return { kind: 'done' };
      case 'create': {
        const item = `item-${(items += 1)}`;
        folder.items.set(item, { identity: operation.mark.identity, card: operation.card });
        return { kind: 'written', item, card: operation.card };
      }
      case 'list':
        return { kind: 'items', items: Array.from(folder.items, foundIn) };
      case 'find': {
        const found = [...folder.items].filter(([, { identity }]) => identity === operation.mark.identity);
        return { kind: 'items', items: found.map(foundIn) };
      }
      case 'survey':
      case 'look-at':
      case 'list-changes':
      case 'list-adoptable':
      case 'list-adopted':
      case 'list-folders':
      case 'count':
      case 'patch':
      case 'picture':
      case 'look-at-picture':
      case 'unstamp':
      case 'remove':
      case 'read':
      case 'clear-folder':
      case 'rename-folder':
        throw new Error(`No test needed ${operation.kind} so far.`);
    }
  }

  const memory: MemoryFolders = {
    asked,
    folders,
    instead: async () => undefined,
    spare: async () => ({ operations: 1_000, idle: 1_000, askAt: 0 }),
    apply: async (operations) => {
      const outcomes: Outcome[] = [];
      for (const operation of operations)
        outcomes.push((await memory.instead(operation)) ?? apply(operation));
      return outcomes;
    },
  };
  return memory;
}

function foundIn([item, one]: [string, { identity: string; card: Card }]): FoundItem {
  return { item, origin: 'created', ...one };
}
