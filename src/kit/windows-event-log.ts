import type { Clock } from './clock.ts';
import type { Conversation, Converse } from './converse.ts';
import { entryOf } from './event-log-entry.ts';
import { EVENT_LOG_ARGUMENTS } from './event-log-script.ts';
import type { EventName } from './events/catalogue.ts';
import { text } from './json.ts';
import type { EventSink, LogKeys } from './log.ts';
import { firstOf, slept } from './loop.ts';

export interface EventLog extends EventSink {
  /** What was taken is written, or given up after some seconds; then nothing is taken any more. */
  close(): Promise<void>;
}

export interface EventLogOptions {
  readonly converse: Converse;
  /** PowerShell. */
  readonly program: string;
  readonly clock: Clock;
  /** Entries cannot be written, for this reason; not called again until one could be. */
  readonly complain: (reason: string) => void;
}

/** One event comes once in so long; how many like it came between is said with the next. Else a bad night fills the log. */
const ALIKE_MS = 60_000;
const ANSWER_WITHIN_MS = 30_000;
/** PowerShell takes tens of megabytes: it is there only while there is something to write. */
const IDLE_MS = 60_000;
/** After a failure nothing is tried for so long: the log of the service has every line anyway. */
const REST_MS = 10 * 60_000;
/** On a machine that is busy, as at its start, PowerShell alone takes seconds. */
const CLOSE_WITHIN_MS = 10_000;

/**
 * Errors and warnings of the catalogue as entries of the Windows Event Log. They are handed to a PowerShell that is spoken to line
 * by line; whatever becomes of it, nobody waits for it, and the work goes on.
 */
export function createWindowsEventLog(options: EventLogOptions): EventLog {
  return new WindowsEventLog(options);
}

interface Seen {
  /** When it was written last, in milliseconds since 1970. */
  at: number;
  alike: number;
}

/** `off`: no PowerShell runs. `waiting`: it owes answers. `idle`: it owes none, and ends when nothing comes. */
type State =
  | { readonly kind: 'off' }
  | { readonly kind: 'waiting' | 'idle'; readonly shell: Conversation; readonly over: AbortController };

class WindowsEventLog implements EventLog {
  readonly #options: EventLogOptions;
  readonly #seen = new Map<EventName, Seen>();
  #state: State = { kind: 'off' };
  #owed = 0;
  #restsUntil = 0;
  #hasComplained = false;
  #isClosed = false;
  #drained: (() => void) | null = null;

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  take(event: EventName, keys: LogKeys): void {
    const now = this.#options.clock.now();
    if (this.#isClosed || now < this.#restsUntil) return;
    // Only what has been written is here, so it is none of those that stay quiet; and what is only counted needs no text.
    const seen = this.#seen.get(event);
    if (seen !== undefined && now - seen.at < ALIKE_MS) return void (seen.alike += 1);
    const entry = entryOf(event, keys, seen?.alike ?? 0);
    if (entry === null) return;
    this.#seen.set(event, { at: now, alike: 0 });
    try {
      this.#say(JSON.stringify(entry));
    } catch {
      // Whoever logs is in the middle of something else, and must not hear of it.
      this.#fail('NoPowerShell');
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#owed > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drained = resolve;
      await firstOf(this.#options.clock, [promise], { ms: CLOSE_WITHIN_MS });
    }
    this.#end();
  }

  #say(line: string): void {
    const shell = this.#state.kind === 'off' ? this.#start() : this.#state.shell;
    this.#owed += 1;
    // The clock runs from the oldest entry that is not answered: one that hangs is noticed while more entries come.
    if (this.#state.kind !== 'waiting') this.#enter('waiting', shell, ANSWER_WITHIN_MS);
    shell.say(line);
  }

  #start(): Conversation {
    const { converse, program } = this.#options;
    const shell: Conversation = converse(
      { file: program, args: EVENT_LOG_ARGUMENTS },
      {
        onLine: (line) => this.#isAtWork(shell) && this.#answered(shell, line),
        onEnd: (why) =>
          this.#isAtWork(shell) && this.#fail(why === 'notStarted' ? 'NoPowerShell' : 'PowerShellEnded'),
      },
    );
    return shell;
  }

  #isAtWork(shell: Conversation): boolean {
    return this.#state.kind !== 'off' && this.#state.shell === shell;
  }

  #answered(shell: Conversation, line: string): void {
    const reason = refusalIn(line);
    if (reason !== null) return this.#fail(reason);
    this.#hasComplained = false;
    this.#owed -= 1;
    if (this.#owed > 0) return this.#enter('waiting', shell, ANSWER_WITHIN_MS);
    this.#drained?.();
    this.#enter('idle', shell, IDLE_MS);
  }

  /** The one setter of the state with a program in it: for so long it may stay as it is. */
  #enter(kind: 'waiting' | 'idle', shell: Conversation, ms: number): void {
    if (this.#state.kind !== 'off') this.#state.over.abort();
    const over = new AbortController();
    this.#state = { kind, shell, over };
    void slept(this.#options.clock, ms, over.signal).then((isDue) => {
      if (!isDue) return;
      if (kind === 'idle') this.#end();
      else this.#fail('NoAnswer');
    });
  }

  #fail(reason: string): void {
    this.#end();
    this.#restsUntil = this.#options.clock.now() + REST_MS;
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    this.#options.complain(reason);
  }

  #end(): void {
    this.#owed = 0;
    this.#drained?.();
    if (this.#state.kind === 'off') return;
    const { shell, over } = this.#state;
    this.#state = { kind: 'off' };
    over.abort();
    shell.end();
  }
}

/** The kind of failure that an answer tells; null: it was written. */
function refusalIn(line: string): string | null {
  try {
    return text(JSON.parse(line), 'error');
  } catch {
    return 'AnswerNotUnderstood';
  }
}
