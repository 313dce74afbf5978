import type { Receiver, Sender } from 'rhea';
import type { Alarm, Alarms } from '../queue/alarms.ts';

type Link = Sender | Receiver;

/** Closes links that nothing went over for a while. A link's traffic is counted by rhea, so nothing is done per message. */
export class IdleWatch {
  readonly #alarms: Alarms;
  readonly #ms: number;
  readonly #onIdle: (link: Link) => void;
  readonly #watched = new Map<Link, Alarm>();

  constructor(alarms: Alarms, ms: number, onIdle: (link: Link) => void) {
    this.#alarms = alarms;
    this.#ms = ms;
    this.#onIdle = onIdle;
  }

  watch(link: Link): void {
    const seen = trafficOf(link);
    const alarm = this.#alarms.set(this.#alarms.now() + this.#ms, () => {
      this.#watched.delete(link);
      if (trafficOf(link) === seen) this.#onIdle(link);
      else this.watch(link);
    });
    this.#watched.set(link, alarm);
  }

  forget(link: Link): void {
    this.#alarms.cancel(this.#watched.get(link) ?? null);
    this.#watched.delete(link);
  }

  close(): void {
    for (const alarm of this.#watched.values()) this.#alarms.cancel(alarm);
    this.#watched.clear();
  }
}

/** Deliveries so far. */
function trafficOf(link: Link): number {
  return (link as unknown as { delivery_count: number }).delivery_count;
}
