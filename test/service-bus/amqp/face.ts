import type { Clock } from '../../../src/kit/clock.ts';
import type { Claim } from '../access/rights.ts';
import type { Faults } from '../faults.ts';
import type { Namespace } from '../namespace.ts';

export interface FaceOptions {
  /** A link without traffic is closed after this; the service takes 10 minutes. */
  readonly idleLinkMs: number;
  /** A broken connection gives its locks back at once, or they run out by themselves: the service's documents leave it open. */
  readonly locksAfterBreak: 'released' | 'kept';
}

/** What every connection of a bus shares. */
export interface Face {
  readonly namespace: Namespace;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly options: FaceOptions;
  readonly newId: () => string;
  /** 32 hexadecimal digits. */
  readonly newToken: () => string;
  /** Checks a token for a resource (`sb://host/queue`). Throws `unauthorized`. */
  readonly check: (token: string, type: string, wanted: string) => Claim;
}

/** Does it now, or after the delay that slow answers have. */
export function answer(face: Face, work: () => void): void {
  if (face.faults.slowMs === 0) return work();
  void face.clock.sleep(face.faults.slowMs).then(work);
}
