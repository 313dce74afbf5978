import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import type { Transport } from '../../../src/kit/transport.ts';
import type { Background } from '../background.ts';
import type { DirectoryChange } from '../directory/objects.ts';
import type { FaultDice } from '../faults.ts';
import type { Switches } from '../options.ts';
import { Courier } from './courier.ts';
import { forge, forgeryKinds, type ForgeryKind } from './forgery.ts';
import { targetOf, type Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';
import { FIRST_SEQUENCE, lifecycleJson, notificationJson, type Occurrence } from './wire.ts';

/** Notifications may be up to four hours late (seen in live answers). */
const LATEST_MS = 4 * 3_600_000;
const OVERTAKEN_MS = 30_000;
const SLOW_MS = 600_000;

interface NotifierOptions {
  readonly tenantId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly dice: FaultDice;
  readonly switches: Switches;
  readonly subscriptions: Subscriptions;
  readonly transport: Transport;
  readonly background: Background;
}

/** Tells subscribers where to look, at least once, unordered, and sometimes not at all. */
export class Notifier {
  readonly courier: Courier;
  /** Objects that only forged notifications name. */
  readonly forgedIds = new Set<string>();
  /** Notifications that were never sent: by fault, by request, or because of a drop state or a pause. */
  lost = 0;
  readonly #options: NotifierOptions;
  readonly #scheduled = new Map<string, string[]>();
  #sequence = FIRST_SEQUENCE;
  #loseNext = 0;
  #last: { url: string; item: string } | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.courier = new Courier({
      clock: options.clock,
      random: options.random,
      transport: options.transport,
      background: options.background,
      endpointSample: options.switches.endpointSample,
    });
  }

  /** Posts that wait for their time or for an answer. */
  get pending(): number {
    return this.#scheduled.size + this.courier.inFlight;
  }

  /** The next notifications are lost without a word, as Microsoft may lose them. */
  loseNext(notifications: number): void {
    this.#loseNext += notifications;
  }

  notify(change: DirectoryChange): void {
    const { subscriptions, clock } = this.#options;
    for (const subscription of subscriptions.all()) {
      const target = targetOf(subscription.resource);
      if (target === undefined || target.collection !== change.collection) continue;
      if ((target.id ?? change.id) !== change.id) continue;
      if (!subscription.changeType.includes(change.changeType)) continue;
      this.#tell(subscription, {
        ...change,
        collection: target.collection,
        sequence: (this.#sequence += 1n),
        at: clock.now(),
      });
    }
  }

  /** Asks for a new authorization of a subscription, by default of all. */
  requireReauthorization(id?: string): void {
    const { subscriptions, clock, switches, tenantId } = this.#options;
    for (const subscription of subscriptions.all()) {
      if (id !== undefined && subscription.id !== id) continue;
      subscription.reauthorizeBy = clock.now() + switches.reauthorizeWithinMs;
      if (subscription.lifecycleNotificationUrl === undefined) continue;
      const item = lifecycleJson(tenantId, subscription, 'reauthorizationRequired');
      this.#schedule(subscription.lifecycleNotificationUrl, item, 0);
    }
  }

  /** Challenges a subscription again and again for as long as it lives, when the switch says so. */
  challengeRegularly(subscription: Subscription): void {
    const { background, switches, subscriptions } = this.#options;
    if (switches.reauthorizeEveryMs === 0) return;
    background.start(async (sleep) => {
      for (;;) {
        await sleep(switches.reauthorizeEveryMs);
        if (subscriptions.get(subscription.id) === undefined) return;
        this.requireReauthorization(subscription.id);
      }
    });
  }

  /** Sends a notification that is not genuine to the URL of a live subscription. */
  forge(kind: ForgeryKind, subscription: Subscription): void {
    const { random, tenantId, clock } = this.#options;
    const id = uuid(random);
    this.forgedIds.add(id);
    const collection = targetOf(subscription.resource)?.collection ?? 'users';
    const occurrence: Occurrence = {
      collection,
      id,
      changeType: 'updated',
      members: [],
      sequence: (this.#sequence += 1n),
      at: clock.now(),
    };
    this.#schedule(
      subscription.notificationUrl,
      forge(kind, { random, tenantId, subscription, occurrence }),
      0,
    );
  }

  /** Sends the last genuine notification once more. */
  replay(): void {
    if (this.#last !== undefined) this.#schedule(this.#last.url, this.#last.item, 0);
  }

  #tell(subscription: Subscription, what: Occurrence): void {
    const { dice, clock, switches, subscriptions, tenantId } = this.#options;
    if (dice.roll('notificationForged')) this.forge(dice.pick(forgeryKinds), subscription);
    if (dice.roll('subscriptionVanished')) {
      subscriptions.delete(subscription.id);
      this.lost += 1;
      return;
    }
    const url = subscription.notificationUrl;
    const state = this.courier.state(url);
    const paused = subscription.reauthorizeBy !== undefined && subscription.reauthorizeBy <= clock.now();
    if (this.#loseNext > 0 || paused || state === 'drop' || dice.roll('notificationLost')) {
      this.#loseNext = Math.max(0, this.#loseNext - 1);
      this.lost += 1;
      return;
    }
    const item = notificationJson({ tenantId, memberHints: switches.memberHints }, subscription, what);
    this.#last = { url, item };
    let delay = switches.notifyAfterMs + (state === 'slow' ? SLOW_MS : 0);
    if (dice.roll('notificationDelayed')) delay += dice.upTo(LATEST_MS);
    if (dice.roll('notificationReordered')) delay += dice.upTo(OVERTAKEN_MS);
    this.#schedule(url, item, delay);
    if (dice.roll('notificationDuplicated')) this.#schedule(url, item, delay + dice.upTo(60_000));
  }

  /** What falls due for one URL in the same span shares a POST. */
  #schedule(url: string, item: string, delay: number): void {
    const { clock, switches } = this.#options;
    const span = Math.max(1, Math.min(50, switches.notifyAfterMs));
    const due = Math.ceil((clock.now() + delay) / span) * span;
    const key = `${due} ${url}`;
    const waiting = this.#scheduled.get(key);
    if (waiting !== undefined) {
      waiting.push(item);
      return;
    }
    this.#scheduled.set(key, [item]);
    this.#options.background.start(async (sleep) => {
      await sleep(due - clock.now());
      this.#send(key, url);
    });
  }

  #send(key: string, url: string): void {
    const items = this.#scheduled.get(key) ?? [];
    this.#scheduled.delete(key);
    const size = this.#options.switches.itemsPerPost;
    for (let at = 0; at < items.length; at += size) this.courier.deliver(url, items.slice(at, at + size));
  }
}
