import type { Clock } from '../../src/kit/clock.ts';
import { Alarms } from './queue/alarms.ts';
import type { Change, Remains } from './queue/changes.ts';
import { Queue } from './queue/queue.ts';
import { Refusal } from './queue/refusal.ts';
import { DEFAULT_SETTINGS, type QueueSettings } from './queue/settings.ts';

/** The part of a path that means the messages that were given up; the service does not mind its case. */
const DEAD_LETTERS = '/$deadletterqueue';

/** Where everything that happens is written down, so that another process can go on with it. */
export interface Book {
  readonly created: (name: string, settings: QueueSettings) => void;
  readonly deleted: (name: string) => void;
  /** `name`: of the queue, or of its dead-letter queue. */
  readonly changed: (name: string, change: Change) => void;
}

export interface Found {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly createdAt: number;
  readonly remains: Remains | null;
  readonly deadLetters: Remains | null;
}

interface Entity {
  readonly queue: Queue;
  readonly createdAt: number;
}

/** The queues of one namespace, by name; the service does not tell upper from lower case in it. */
export class Namespace {
  readonly alarms: Alarms;
  readonly #token: () => string;
  readonly #book: Book | null;
  readonly #entities = new Map<string, Entity>();

  constructor(options: { clock: Clock; token: () => string; book: Book | null }) {
    this.alarms = new Alarms(options.clock);
    this.#token = options.token;
    this.#book = options.book;
  }

  /** Throws `not-allowed` when there is one of that name. */
  create(name: string, settings: Partial<QueueSettings> = {}): Queue {
    if (this.#entities.has(name.toLowerCase()))
      throw new Refusal(
        'not-allowed',
        `SubCode=40900. Conflict. A queue of the name '${name}' exists already.`,
      );
    const whole = { ...DEFAULT_SETTINGS, ...settings };
    this.#book?.created(name, whole);
    const createdAt = this.alarms.now();
    return this.restore({ name, settings: whole, createdAt, remains: null, deadLetters: null });
  }

  /** Goes on with a queue that another process had. */
  restore({ name, settings, createdAt, remains, deadLetters }: Found): Queue {
    const { alarms } = this;
    const token = this.#token;
    const given = new Queue({
      name: `${name}/$DeadLetterQueue`,
      settings: {
        ...settings,
        requiresSession: false,
        requiresDuplicateDetection: false,
        timeToLiveMs: Infinity,
        maxSizeBytes: Infinity,
      },
      alarms,
      token,
      deadLetters: null,
      remains: deadLetters,
      record: (change) => this.#book?.changed(`${name}/$DeadLetterQueue`, change),
    });
    const queue = new Queue({
      name,
      settings,
      alarms,
      token,
      deadLetters: given,
      remains,
      record: (change) => this.#book?.changed(name, change),
    });
    this.#entities.set(name.toLowerCase(), { queue, createdAt });
    return queue;
  }

  /** Returns whether there was one. */
  delete(name: string): boolean {
    const found = this.#entities.delete(name.toLowerCase());
    if (found) this.#book?.deleted(name);
    return found;
  }

  /** By a queue's path or its dead-letter queue's. Throws `not-found`. */
  find(path: string): Queue {
    const wanted = path.toLowerCase();
    const dead = wanted.endsWith(DEAD_LETTERS);
    const queue = this.#entities.get(dead ? wanted.slice(0, -DEAD_LETTERS.length) : wanted)?.queue;
    const found = dead ? queue?.deadLetters : queue;
    if (!found) throw new Refusal('not-found', `The messaging entity '${path}' could not be found.`);
    return found;
  }

  has(name: string): boolean {
    return this.#entities.has(name.toLowerCase());
  }

  createdAt(name: string): number {
    return this.#entities.get(name.toLowerCase())?.createdAt ?? 0;
  }

  /** In the order of their names. */
  queues(): Queue[] {
    return [...this.#entities.values()]
      .map(({ queue }) => queue)
      .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  close(): void {
    this.alarms.close();
  }
}
