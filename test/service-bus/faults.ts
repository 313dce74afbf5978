import { Refusal } from './queue/refusal.ts';

/** What a client can be refused: a message or batch sent, a link opened, a message settled, a request to `$management`. */
export type Operation = 'send' | 'attach' | 'settle' | 'manage';

/** Where real ones said it: Microsoft Learn, "Throttling operations on Azure Service Bus". */
const BUSY =
  'The request was terminated because the namespace is being throttled. Error code: 50009. Please wait 2 seconds and try again.';

interface Planned {
  left: number;
  readonly on: Operation | null;
  readonly refusal: Refusal;
}

/** Faults that somebody asked for, each for so many operations. */
export class Faults {
  #planned: Planned[] = [];
  #refusedTokens = 0;
  /** How long every answer takes, in milliseconds. */
  slowMs = 0;
  /** How often a fault struck. */
  struck = 0;

  /** The next `count` operations (of that kind, when given) are answered with ServerBusy. */
  serverBusy(count: number, on: Operation | null = null): void {
    this.#planned.push({ left: count, on, refusal: new Refusal('busy', BUSY) });
  }

  /** The next `count` sends are answered as by a full queue. */
  quotaExceeded(count: number): void {
    const refusal = new Refusal(
      'quota-exceeded',
      'The maximum entity size has been reached or exceeded. Size of entity in bytes: 1073742013, Max entity size in bytes: 1073741824.',
    );
    this.#planned.push({ left: count, on: 'send', refusal });
  }

  /** The next `count` tokens are refused, however good they are; Infinity: until it is called with 0. */
  refuseTokens(count: number): void {
    this.#refusedTokens = count;
  }

  /** Throws what was planned for this operation. */
  strike(operation: Operation): void {
    if (this.#planned.length === 0) return;
    const planned = this.#planned.find(({ on }) => on === null || on === operation);
    if (planned === undefined) return;
    planned.left -= 1;
    if (planned.left <= 0) this.#planned = this.#planned.filter((one) => one !== planned);
    this.struck += 1;
    throw planned.refusal;
  }

  strikeToken(): void {
    if (this.#refusedTokens <= 0) return;
    this.#refusedTokens -= 1;
    this.struck += 1;
    throw new Refusal('unauthorized', 'InvalidSignature: The token has an invalid signature.');
  }

  /** Everything works again. */
  clear(): void {
    this.#planned = [];
    this.#refusedTokens = 0;
    this.slowMs = 0;
  }
}
