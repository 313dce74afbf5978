import type { Alarm, Alarms } from '../queue/alarms.ts';
import { may, type Claim, type Right } from '../access/rights.ts';
import { resource } from '../access/sas.ts';
import { Refusal } from '../queue/refusal.ts';

const MANAGEMENT = '/$management';

/** The tokens that one connection has put, by the path that they are for, until they end. */
export class Claims {
  readonly #alarms: Alarms;
  readonly #onEnd: (path: string) => void;
  readonly #all = new Map<string, { claim: Claim; alarm: Alarm }>();

  /** `onEnd`: told when a token ended without another in its place. */
  constructor(alarms: Alarms, onEnd: (path: string) => void) {
    this.#alarms = alarms;
    this.#onEnd = onEnd;
  }

  put(uri: string, claim: Claim): void {
    const path = resource(uri);
    this.#alarms.cancel(this.#all.get(path)?.alarm ?? null);
    const alarm = this.#alarms.set(claim.until, () => {
      this.#all.delete(path);
      this.#onEnd(path);
    });
    this.#all.set(path, { claim, alarm });
  }

  /** Throws `unauthorized` unless a token for the path gives one of the rights. `path` in lower case. */
  require(path: string, rights: readonly Right[]): void {
    const found = this.#all.get(path) ?? this.#all.get(path.replace(MANAGEMENT, '')) ?? this.#all.get('');
    if (found === undefined)
      throw new Refusal('unauthorized', `Unauthorized access. No token was put for '${path}'.`);
    const queue = path.replace(MANAGEMENT, '').replace('/$deadletterqueue', '');
    if (rights.some((right) => may(found.claim.rights, queue, right))) return;
    const wanted = rights.map((right) => `'${right[0]?.toUpperCase()}${right.slice(1)}'`).join(' or ');
    throw new Refusal(
      'unauthorized',
      `Unauthorized access. ${wanted} claim(s) are required to perform this operation. Resource: '${path}'.`,
    );
  }

  close(): void {
    for (const { alarm } of this.#all.values()) this.#alarms.cancel(alarm);
    this.#all.clear();
  }
}
