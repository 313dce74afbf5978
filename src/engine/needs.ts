import type { Clock } from '../kit/clock.ts';
import type { InTurn } from '../kit/in-turn.ts';
import type { Log } from '../kit/log.ts';
import type { Card, CardField, Fingerprint } from '../model/card.ts';
import type { Change } from '../model/change.ts';
import type { Route } from '../model/route.ts';
import type { Write } from '../model/write.ts';
import type { Bodies } from './bodies.ts';
import type { Halts } from './halts.ts';
import type { Pictures } from './pictures.ts';
import type { Ledger } from './ledger-port.ts';
import type { Source, Target } from './ports.ts';
import type { Queue } from './queue-port.ts';

/** Everything the engine works with; each function takes the part it uses. */
export interface Needs {
  readonly clock: Clock;
  readonly log: Log;
  readonly routes: readonly ActiveRoute[];
  readonly fingerprint: (card: Card) => Fingerprint;
  /** Of texts or bytes: tells equal from changed. */
  readonly digest: (...parts: readonly (Uint8Array | string)[]) => Fingerprint;
  /** By the tenant's configuration key. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly targets: ReadonlyMap<string, Target>;
  readonly ledger: Ledger;
  /** Routes that an administrator stopped. */
  readonly halts: Halts;
  readonly changes: Queue<Change>;
  readonly writes: Queue<Write>;
  readonly bodies: Bodies;
  readonly pictures: Pictures;
  /** Slabs that this process has compared with their folders, by tenant and number. */
  readonly holdings: Map<string, Holding>;
  /** Places (by key) whose fill met a failure, and until when it lets others go first. Pacing only: nothing is lost with it. */
  readonly resting: Map<number, number>;
  /** How often in a row a place was asked again because something there could not be told. In memory only. */
  readonly unsure: Map<number, number>;
  /** By place: items that the latest look did not show, and since when none did (ms since 1970). In memory only. */
  readonly missed: Map<number, ReadonlyMap<string, number>>;
  /** Places that wait until everybody is read before they are looked through. In memory only. */
  readonly unread: Map<number, Unread>;
  /** Work whose latest handling failed and is tried again. Of this process only: for whoever waits until all is done, never for a decision. */
  readonly failing: Set<string>;
  /** One reading of a tenant's groups at a time: the older of two must not be stored over the newer. */
  readonly inTurn: InTurn;
  readonly timing: Timing;
}

/** How many changes the queue held when there were fewer than ever before, and since when (ms since 1970). */
export interface Unread {
  readonly left: number;
  readonly since: number;
}

/** What this process knows of a slab that it has worked on. */
export interface Holding {
  /** The generation it stored last: another one in the queue means that somebody else has written since. */
  state: number;
  /** Since when nobody else wrote (ms since 1970). */
  since: number;
}

/** A configured route and its key in the ledger. */
export type ActiveRoute = Route & { readonly key: number };

/** What a route (by its key) owns in a contact; nothing where the route is withdrawn, whose items only go. */
export function ownedBy(needs: Pick<Needs, 'routes'>, route: number): readonly CardField[] {
  return needs.routes.find((one) => one.key === route)?.owns ?? [];
}

export interface Timing {
  /** How long after an event the source is read again: where nothing new was seen, and quietly at the end. */
  readonly secondLookMs: readonly [number, number];
  /** A write that was not answered may still be applied for so long. */
  readonly gatewayTimeoutMs: number;
  /** How long a mailbox that cannot be used is left alone at first; longer each time in a row. */
  readonly parkMs: number;
}

/** The named tenant's source or target; a missing one is a mistake of ours, not of the configuration. */
export function portOf<Port>(ports: ReadonlyMap<string, Port>, tenant: string): Port {
  const port = ports.get(tenant);
  if (!port) throw new Error(`No connection is wired for tenant "${tenant}".`);
  return port;
}
