import type { Transport } from '../../src/kit/transport.ts';
import type { MailContact } from '../tenant/exchange/contact.ts';

const DAY_MS = 24 * 3_600_000;

interface RemovalWatchOptions {
  /** As they truly are. */
  readonly contacts: () => readonly MailContact[];
  readonly now: () => number;
  /** So many people may go in a day. */
  readonly limit: () => number;
}

/** Counts, on the wire, whose mail contacts the client removes, and notes when they are more than the guard allows in a day. */
export class RemovalWatch {
  readonly beyond: { readonly at: number; readonly people: number }[] = [];
  readonly #options: RemovalWatchOptions;
  #removed: { readonly at: number; readonly person: string }[] = [];
  readonly #approved = new Set<string>();
  #isReverted = false;

  constructor(options: RemovalWatchOptions) {
    this.#options = options;
  }

  /** From now on these may go whatever the count. */
  approve(people: Iterable<string>): void {
    for (const person of people) this.#approved.add(person);
  }

  /** Everything is taken back on an administrator's order, and the guard's memory is of no use for a while. */
  revert(): void {
    this.#isReverted = true;
  }

  /** The guard's memory went with the ledger. */
  forget(): void {
    this.#removed = [];
  }

  watch(transport: Transport): Transport {
    return (request) => {
      if (request.body?.includes('Remove-MailContact')) this.#read(request.body);
      return transport(request);
    };
  }

  #read(body: string): void {
    for (const [, guid] of body.matchAll(/"Remove-MailContact","Parameters":\{"Identity":"([^"]+)"/g))
      this.#note(guid ?? '');
  }

  #note(guid: string): void {
    const contact = this.#options.contacts().find((one) => one.guid === guid);
    const hex = /-([0-9a-f]{32})$/.exec(contact?.alias ?? '')?.[1];
    if (hex === undefined || this.#isReverted) return;
    const person = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    if (this.#approved.has(person)) return;
    const at = this.#options.now();
    this.#removed = [...this.#removed.filter((one) => one.at > at - DAY_MS), { at, person }];
    const people = new Set(this.#removed.map((one) => one.person)).size;
    if (people > this.#options.limit()) this.beyond.push({ at, people });
  }
}
