import { Rest } from '../kit/rest.ts';
import { SlidingBudget } from './sliding-budget.ts';

/** So many in a window that slides. */
interface Window {
  readonly count: number;
  readonly spanMs: number;
}

export interface Windows {
  /** Requests to one mailbox. */
  readonly mailbox: Window;
  /** Bytes to one mailbox. */
  readonly upload: Window;
  /** Resource units of the directory. */
  readonly directory: Window;
}

/** One mailbox, or (key `''`) the directory: what it was asked, and until when it rests. */
class MailboxState {
  readonly rest = new Rest();
  readonly budget: SlidingBudget;
  /** Of bytes; none while nothing binary was written. */
  #uploads: SlidingBudget | undefined;
  /** Calls that Graph may be running against it at this moment. */
  atWork = 0;

  constructor({ count, spanMs }: Window) {
    this.budget = new SlidingBudget(count, spanMs);
  }

  uploaded(bytes: number, { count, spanMs }: Window, now: number): void {
    this.#uploads ??= new SlidingBudget(count, spanMs);
    this.#uploads.spend(bytes, now);
  }

  /** When it can take another call, and `bytes` more, as far as its windows go. */
  freeAt(now: number, bytes: number): number {
    return Math.max(this.budget.roomAt(1, now), this.#uploads?.roomAt(bytes, now) ?? 0);
  }

  idle(now: number): boolean {
    const quiet = this.budget.idle(now) && this.#uploads?.idle(now) !== false;
    return this.atWork === 0 && this.rest.until <= now && quiet;
  }
}

/** All mailboxes of a tenant of which something need be remembered. */
export class MailboxStates {
  readonly #known = new Map<string, MailboxState>();
  /** What the largest upload may bring. */
  readonly #uploadLargest: number;
  #windows: Windows;
  #tidiedAt = 0;

  constructor(windows: Windows, uploadLargest: number) {
    this.#windows = windows;
    this.#uploadLargest = uploadLargest;
  }

  get windows(): Windows {
    return this.#windows;
  }

  /** From now on the directory takes so many in its window. */
  limitDirectory(count: number): void {
    const { directory } = this.#windows;
    if (count === directory.count) return;
    this.#windows = { ...this.#windows, directory: { ...directory, count } };
    this.#known.get('')?.budget.limitTo(count);
  }

  find(key: string): MailboxState | undefined {
    return this.#known.get(key);
  }

  of(key: string): MailboxState {
    let mailbox = this.#known.get(key);
    if (mailbox === undefined) {
      mailbox = new MailboxState(key === '' ? this.#windows.directory : this.#windows.mailbox);
      this.#known.set(key, mailbox);
    }
    return mailbox;
  }

  /** Until when it rests or has used up a window (milliseconds since 1970); 0 when it does not. */
  restsUntil(key: string, now: number): number {
    const state = this.#known.get(key);
    if (state === undefined) return 0;
    const until = Math.max(state.rest.until, state.freeAt(now, this.#uploadLargest));
    return until > now ? until : 0;
  }

  uploaded(key: string, bytes: number, now: number): void {
    this.of(key).uploaded(bytes, this.windows.upload, now);
  }

  /** Forgets, once per window, the mailboxes of which nothing need be remembered. */
  tidy(now: number): void {
    if (now - this.#tidiedAt < this.windows.mailbox.spanMs) return;
    this.#tidiedAt = now;
    for (const [key, mailbox] of this.#known) if (mailbox.idle(now)) this.#known.delete(key);
  }
}
