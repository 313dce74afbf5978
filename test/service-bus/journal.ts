import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import type { Book, Found } from './namespace.ts';
import type { Change } from './queue/changes.ts';
import type { Kept } from './queue/message.ts';
import type { QueueSettings } from './queue/settings.ts';

const DEAD_LETTERS = '/$DeadLetterQueue';
/** JSON has no word for it. */
const NEVER = 'never';

type Line =
  | { readonly created: string; readonly settings: QueueSettings; readonly at: number }
  | { readonly deleted: string }
  | { readonly queue: string; readonly change: Written };

/** A change with its bytes in base64. */
type Written =
  | { readonly kind: 'kept'; readonly message: Omit<Kept, 'body'> & { readonly body: string } }
  | ({ readonly kind: 'marked'; readonly sequence: number } & Pick<
      Kept,
      'deliveryCount' | 'state' | 'properties'
    >)
  | { readonly kind: 'dropped'; readonly sequence: number }
  | { readonly kind: 'state'; readonly sessionId: string; readonly state: string | null }
  | { readonly kind: 'seen'; readonly messageId: string; readonly at: number };

/** A queue as it is put together again. */
interface Rebuilt {
  readonly messages: Map<number, Kept>;
  readonly states: Map<string, Buffer>;
  readonly seen: Map<string, number>;
  sequence: number;
}

export interface Journal {
  readonly book: Book;
  /** What the last process had. */
  readonly found: readonly Found[];
  close(): void;
}

/**
 * A file that every change is written to before it is answered, so that a double that was killed goes on with what it
 * had. It is not flushed to the disk: it survives a dead process, not a dead machine. On opening it is written anew
 * with what is left; until then it only grows.
 */
export function openJournal(path: string, now: () => number): Journal {
  const found = existsSync(path) ? replay(readFileSync(path, 'utf8')) : [];
  const fresh = `${path}.new`;
  writeFileSync(fresh, found.flatMap(linesOf).map(text).join(''));
  renameSync(fresh, path);
  const file = openSync(path, 'a');
  const write = (line: Line): void => {
    writeSync(file, text(line));
  };
  return {
    found,
    book: {
      created: (name, settings) => write({ created: name, settings, at: now() }),
      deleted: (name) => write({ deleted: name }),
      changed: (queue, change) => write({ queue, change: written(change) }),
    },
    close: () => closeSync(file),
  };
}

function text(line: Line): string {
  const json = JSON.stringify(line, (_key, value: unknown) => (value === Infinity ? NEVER : value));
  return `${json}\n`;
}

function written(change: Change): Written {
  if (change.kind === 'kept')
    return { kind: 'kept', message: { ...change.message, body: change.message.body.toString('base64') } };
  if (change.kind === 'marked') {
    const { sequence, deliveryCount, state, properties } = change.message;
    return { kind: 'marked', sequence, deliveryCount, state, properties };
  }
  if (change.kind === 'state') return { ...change, state: change.state?.toString('base64') ?? null };
  return change;
}

/** The last line may be torn: its change was never answered. */
function replay(journal: string): Found[] {
  const created = new Map<string, { settings: QueueSettings; at: number }>();
  const queues = new Map<string, Rebuilt>();
  for (const line of journal.split('\n').slice(0, -1)) {
    const read = JSON.parse(line, (_key, value: unknown) => (value === NEVER ? Infinity : value)) as Line;
    if ('created' in read) created.set(read.created, read);
    else if ('deleted' in read) {
      for (const name of [read.deleted, read.deleted + DEAD_LETTERS]) queues.delete(name);
      created.delete(read.deleted);
    } else {
      const queue = queues.get(read.queue) ?? empty();
      queues.set(read.queue, queue);
      apply(queue, read.change);
    }
  }
  return [...created].map(([name, { settings, at }]) => ({
    name,
    settings,
    createdAt: at,
    remains: remainsOf(queues.get(name)),
    deadLetters: remainsOf(queues.get(name + DEAD_LETTERS)),
  }));
}

function empty(): Rebuilt {
  return { messages: new Map(), states: new Map(), seen: new Map(), sequence: 0 };
}

function apply(queue: Rebuilt, change: Written): void {
  if (change.kind === 'kept') {
    const { message } = change;
    queue.messages.set(message.sequence, { ...message, body: Buffer.from(message.body, 'base64') });
    queue.sequence = Math.max(queue.sequence, message.sequence);
  } else if (change.kind === 'dropped') queue.messages.delete(change.sequence);
  else if (change.kind === 'marked') {
    const message = queue.messages.get(change.sequence);
    if (message) {
      const { deliveryCount, state, properties } = change;
      Object.assign(message, { deliveryCount, state, properties });
    }
  } else if (change.kind === 'seen') queue.seen.set(change.messageId, change.at);
  else if (change.state === null) queue.states.delete(change.sessionId);
  else queue.states.set(change.sessionId, Buffer.from(change.state, 'base64'));
}

function remainsOf(queue: Rebuilt | undefined): Found['remains'] {
  if (queue === undefined) return null;
  const messages = [...queue.messages.values()].toSorted((left, right) => left.sequence - right.sequence);
  return { ...queue, messages };
}

/** What is left, as a journal that says no more than that. */
function linesOf({ name, settings, createdAt, remains, deadLetters }: Found): Line[] {
  return [
    { created: name, settings, at: createdAt },
    ...queueLines(name, remains),
    ...queueLines(name + DEAD_LETTERS, deadLetters),
  ];
}

function queueLines(queue: string, rest: Found['remains']): Line[] {
  const changes: Change[] = [
    ...(rest?.messages ?? []).map((message): Change => ({ kind: 'kept', message })),
    ...[...(rest?.states ?? [])].map(([sessionId, state]): Change => ({ kind: 'state', sessionId, state })),
    ...[...(rest?.seen ?? [])].map(([messageId, at]): Change => ({ kind: 'seen', messageId, at })),
  ];
  return changes.map((change) => ({ queue, change: written(change) }));
}
