import type { FaultDice } from '../faults.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import type { Oracles } from '../oracles.ts';
import { Refusal, type Answer, type Call } from './call.ts';
import { usesExtensions, type Limits } from './limits.ts';
import { retryAfterForms, waitOf } from './retry-after.ts';

/** Calls to one mailbox at a time (learn.microsoft.com/graph/throttling-limits). */
const CONCURRENT_MAX = 4;

/** What is kept with the mailbox and not in the directory (learn.microsoft.com/graph/throttling-limits). */
const OUTLOOK = /^(?:contacts|contactfolders|photos?|mailboxsettings)$/i;

interface GateOptions {
  readonly mailboxes: Mailboxes;
  readonly oracles: Oracles;
  readonly limits: Limits;
  readonly dice: FaultDice;
  readonly extensionPool: boolean;
  readonly graceMs: number;
}

/** What stands between a call and a mailbox: concurrency, quotas, and the waits that were asked for. */
export class MailboxGate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** The mailbox that a path is about; undefined for the directory, or where there is none. */
  mailboxOf(call: Call): Mailbox | undefined {
    const [root, user, place] = call.path;
    if (root?.toLowerCase() !== 'users' || !OUTLOOK.test(place ?? '')) return undefined;
    const id = user?.toLowerCase() ?? '';
    return this.#options.mailboxes.state(id) === 'ok' ? this.#options.mailboxes.get(id) : undefined;
  }

  /**
   * Notes a call that came before the time that the client had been told. Compared strictly by time: what was sent
   * in the very millisecond of the answer may have crossed it.
   */
  arrives(mailbox: Mailbox, at: number): void {
    const { told, userId } = mailbox;
    if (at <= told.at + this.#options.graceMs || at >= told.notBefore - this.#options.graceMs) return;
    this.#options.oracles.note('before-retry-after', `mailbox ${userId} early by ${told.notBefore - at} ms`);
  }

  /** The client has seen an answer that asks it to wait; a shorter wait never replaces a longer one. */
  told(answer: Answer, now: number): void {
    if (answer.wait === undefined) return;
    // A number of seconds counts from now, a date does not.
    const notBefore = now + (waitOf(answer.wait.header, now) ?? 0);
    const { told } = answer.wait.mailbox;
    if (notBefore <= told.notBefore) return;
    told.notBefore = notBefore;
    told.at = now;
  }

  /** Counts the call as running. Throws 429 when it may not run. Whoever enters must leave, also when refused. */
  enter(mailbox: Mailbox): void {
    mailbox.inFlight += 1;
    if (mailbox.inFlight <= CONCURRENT_MAX) return;
    this.#options.oracles.note('mailbox-concurrency', `mailbox ${mailbox.userId} calls ${mailbox.inFlight}`);
    throw new Refusal(429, 'ApplicationThrottled', 'Application is over its MailboxConcurrency limit.').with({
      'Retry-After': '1',
    });
  }

  leave(mailbox: Mailbox): void {
    mailbox.inFlight -= 1;
  }

  /** Throws 429 while the mailbox is throttled or a quota is used up. */
  demandQuota(mailbox: Mailbox, what: { operation: string; call: Call; now: number }): void {
    const { now } = what;
    if (now < mailbox.throttledUntil)
      throw throttled('ApplicationThrottled', seconds(mailbox.throttledUntil - now));
    const wait = mailbox.window.take(now);
    if (wait > 0) throw throttled('ApplicationThrottled', seconds(wait));
    if (!this.#options.extensionPool || !usesExtensions(what.operation, what.call)) return;
    const poolWait = this.#options.limits.takeExtension(now);
    if (poolWait > 0) throw throttled('TooManyRequests', seconds(poolWait));
  }

  /** A fault: this mailbox is throttled now, for as long as is said, or without a word about it. */
  throttle(mailbox: Mailbox | undefined, now: number): Refusal {
    const header = this.#options.dice.pick(retryAfterForms(now));
    const ms = waitOf(header, now) ?? 0;
    if (mailbox !== undefined) mailbox.throttledUntil = Math.max(mailbox.throttledUntil, now + ms);
    return throttled('ApplicationThrottled', header);
  }
}

export function throttled(code: string, retryAfter: string | undefined): Refusal {
  return new Refusal(429, code, 'Too many requests.').with(
    retryAfter === undefined ? {} : { 'Retry-After': retryAfter },
  );
}

/** Whole when they are, decimal otherwise: both have been seen (learn.microsoft.com/graph/throttling). */
function seconds(ms: number): string {
  return String(ms / 1_000);
}
