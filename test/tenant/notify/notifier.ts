import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import type { Transport } from '../../../src/kit/transport.ts';
import type { Background } from '../background.ts';
import type { DirectoryChange } from '../directory/objects.ts';
import type { FaultDice } from '../faults.ts';
import type { ContactChange } from '../mailbox/mailbox.ts';
import { etag } from '../mailbox/render.ts';
import type { Switches } from '../options.ts';
import { Courier } from './courier.ts';
import { forge, forgeryKinds, type ForgeryKind } from './forgery.ts';
import { targetOf, type Subscription, type Target } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';
import { FIRST_SEQUENCE, lifecycleJson, notificationJson, type Occurrence } from './wire.ts';

/** Notifications may be up to four hours late (seen in live answers). */
const LATEST_MS = 4 * 3_600_000;
const OVERTAKEN_MS = 30_000;
const SLOW_MS = 600_000;

type LifecycleEvent = 'missed' | 'reauthorizationRequired' | 'subscriptionRemoved';

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
  #missNext = 0;
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

  /** In place of the next notifications about contacts it is only said that there was one: `missed`. */
  missNext(notifications: number): void {
    this.#missNext += notifications;
  }

  /**
   * Takes a subscription to contacts away and says so: `subscriptionRemoved`. Users and groups are never told (learn.microsoft.com/graph/change-notifications-lifecycle-events).
   */
  removeSubscription(id: string): void {
    const subscription = this.#options.subscriptions.get(id);
    if (targetOf(subscription?.resource ?? '')?.collection !== 'contacts' || subscription === undefined)
      throw new Error(`No subscription ${id} to contacts`);
    this.#options.subscriptions.delete(id);
    this.#sayOf(subscription, 'subscriptionRemoved');
  }

  notify(change: DirectoryChange): void {
    const { subscriptions, clock } = this.#options;
    for (const subscription of subscriptions.all()) {
      const target = targetOf(subscription.resource);
      if (target === undefined || target.collection === 'contacts') continue;
      if (target.collection !== change.collection || (target.id ?? change.id) !== change.id) continue;
      if (!subscription.changeType.includes(change.changeType)) continue;
      this.#tell(subscription, {
        ...change,
        collection: target.collection,
        sequence: (this.#sequence += 1n),
        at: clock.now(),
      });
    }
  }

  /** Whoever made the change: our own writes are told as well. */
  notifyOfContact({ mailbox, item, changeType, elsewhere }: ContactChange): void {
    const { subscriptions, switches } = this.#options;
    if (changeType === 'deleted' && elsewhere && switches.contactLeaving === 'untold') return;
    for (const subscription of subscriptions.ofMailbox(mailbox.userId)) {
      const target = targetOf(subscription.resource);
      if (!this.#listensTo(target, { mailbox, item }) || !subscription.changeType.includes(changeType))
        continue;
      const ids = { regular: mailbox.ids.regular(item), immutable: mailbox.ids.immutable(item) };
      const { userId } = mailbox;
      this.#tell(subscription, { collection: 'contacts', userId, ids, etag: etag(item), changeType });
    }
  }

  /** The text says that the path without a folder is about all contacts of the mailbox; a list of the same path shows one folder's. */
  #listensTo(target: Target | undefined, to: Pick<ContactChange, 'mailbox' | 'item'>): boolean {
    if (target?.collection !== 'contacts') return false;
    const { folder } = to.item;
    if (target.folderId !== undefined) return to.mailbox.folder(target.folderId) === folder;
    return this.#options.switches.contactsNotify === 'all-folders' || folder === to.mailbox.contacts;
  }

  /** Asks for a new authorization of a subscription, by default of all. */
  requireReauthorization(id?: string): void {
    const { subscriptions, clock, switches } = this.#options;
    for (const subscription of subscriptions.all()) {
      if (id !== undefined && subscription.id !== id) continue;
      subscription.reauthorizeBy = clock.now() + switches.reauthorizeWithinMs;
      this.#sayOf(subscription, 'reauthorizationRequired');
    }
  }

  #sayOf(subscription: Subscription, event: LifecycleEvent): void {
    const url = subscription.lifecycleNotificationUrl;
    if (url === undefined) return;
    this.#schedule(url, lifecycleJson(this.#options.tenantId, subscription, event), 0);
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
    const { random, tenantId } = this.#options;
    const id = uuid(random);
    this.forgedIds.add(id);
    const occurrence = this.#made(targetOf(subscription.resource)?.collection ?? 'users', id);
    this.#schedule(
      subscription.notificationUrl,
      forge(kind, { random, tenantId, subscription, occurrence }),
      0,
    );
  }

  /** What never happened: to an object, or to a contact in a mailbox, that nobody has. */
  #made(collection: Target['collection'], id: string): Occurrence {
    if (collection === 'contacts') {
      const item = `AAMk${Buffer.from(this.#options.random.bytes(48)).toString('base64url')}=`;
      const ids = { regular: item, immutable: item };
      return { collection, userId: id, ids, etag: 'W/"EQAAABYAAAC"', changeType: 'updated' };
    }
    const sequence = (this.#sequence += 1n);
    return { collection, id, changeType: 'updated', members: [], sequence, at: this.#options.clock.now() };
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
    if (what.collection === 'contacts' && this.#isMissed(subscription)) return;
    const url = subscription.notificationUrl;
    const state = this.courier.state(url);
    const paused = subscription.reauthorizeBy !== undefined && subscription.reauthorizeBy <= clock.now();
    if (this.#loseNext > 0 || paused || state === 'drop' || dice.roll('notificationLost')) {
      this.#loseNext = Math.max(0, this.#loseNext - 1);
      this.lost += 1;
      return;
    }
    const item = notificationJson({ ...switches, tenantId }, subscription, what);
    this.#last = { url, item };
    let delay = switches.notifyAfterMs + (state === 'slow' ? SLOW_MS : 0);
    if (dice.roll('notificationDelayed')) delay += dice.upTo(LATEST_MS);
    if (dice.roll('notificationReordered')) delay += dice.upTo(OVERTAKEN_MS);
    this.#schedule(url, item, delay);
    if (dice.roll('notificationDuplicated')) this.#schedule(url, item, delay + dice.upTo(60_000));
  }

  /** Of contacts it is sometimes said that something was lost, if not what. */
  #isMissed(subscription: Subscription): boolean {
    const { dice } = this.#options;
    const isRemoved = dice.roll('subscriptionRemoved');
    if (isRemoved) this.removeSubscription(subscription.id);
    else if (this.#missNext > 0 || dice.roll('notificationMissed')) this.#sayOf(subscription, 'missed');
    else return false;
    this.#missNext = Math.max(0, this.#missNext - 1);
    this.lost += 1;
    return true;
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
