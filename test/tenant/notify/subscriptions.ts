import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import { Refusal } from '../http/call.ts';
import type { Oracles } from '../oracles.ts';
import type { Switches } from '../options.ts';
import { targetOf, type Subscription, type Target } from './subscription.ts';

const MINUTE_MS = 60_000;
/** An earlier expiry is moved to this far ahead, without a word (learn.microsoft.com/graph/api/resources/subscription). */
const FLOOR_MS = 45 * MINUTE_MS;
/** Longest lives of subscriptions (learn.microsoft.com/graph/api/resources/subscription). */
const LONGEST_MINUTES = { users: 41_760, groups: 41_760, contacts: 10_080 };
/** Reauthorize and renewal within this time may leave a subscription in an inconsistent state (learn.microsoft.com/graph/api/resources/subscription). */
const APART_MS = 10 * MINUTE_MS;

export interface SubscriptionRequest {
  readonly changeType: string;
  readonly resource: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl?: string;
  readonly expirationDateTime: string;
  readonly clientState: string;
  readonly latestSupportedTlsVersion?: string;
  /** By the header `Prefer` of the request, for contacts alone (learn.microsoft.com/graph/outlook-immutable-id). */
  readonly immutableIds?: boolean;
}

interface SubscriptionsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly switches: Switches;
  readonly oracles: Oracles;
}

/** The app's subscriptions and the rules they are under. The handshake is the caller's. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #live = new Map<string, Subscription>();
  /** Those to contacts, by mailbox: most changes of contacts are nobody's business. */
  readonly #byMailbox = new Map<string, Set<Subscription>>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Expired ones are gone. */
  all(): Subscription[] {
    const now = this.#options.clock.now();
    for (const [id, subscription] of this.#live) if (subscription.expiresAt <= now) this.delete(id);
    return [...this.#live.values()];
  }

  /** Those to contacts of one mailbox. */
  ofMailbox(userId: string): Subscription[] {
    const found = this.#byMailbox.get(userId);
    if (found === undefined) return [];
    const now = this.#options.clock.now();
    return [...found].filter(({ expiresAt }) => expiresAt > now);
  }

  get(id: string): Subscription | undefined {
    return this.all().find((subscription) => subscription.id === id.toLowerCase());
  }

  /** Throws what Microsoft refuses before it tries the URLs. */
  demandAcceptable(request: SubscriptionRequest): void {
    const target = targetOf(request.resource);
    if (target === undefined) throw new Refusal(400, 'InvalidRequest', 'Unsupported resource.');
    const types = request.changeType.split(',');
    const isDirectory = target.collection !== 'contacts';
    if (isDirectory && types.includes('created') && this.#options.switches.createdChangeType === 'refused') {
      throw new Refusal(400, 'InvalidRequest', "Directory resources support 'updated' and 'deleted' only.");
    }
    this.#expiry(request.expirationDateTime, request.resource);
    const twin = this.all().find((live) => key(live) === key(request));
    if (twin !== undefined) {
      throw new Refusal(
        409,
        'Conflict',
        `Subscription Id <${twin.id}> already exists for the requested combination`,
      );
    }
    this.#demandRoom(target);
  }

  /** Quotas are named in the message alone (learn.microsoft.com/graph/change-notifications-overview). */
  #demandRoom(target: Target): void {
    const { subscriptionQuota, mailboxSubscriptionQuota } = this.#options.switches;
    const ofContacts = target.collection === 'contacts';
    const quota = ofContacts ? mailboxSubscriptionQuota : subscriptionQuota;
    const there = ofContacts ? this.ofMailbox(target.userId).length : this.#ofDirectory();
    if (there >= quota)
      throw new Refusal(403, 'Forbidden', `The limit of ${quota} subscriptions is reached.`);
  }

  #ofDirectory(): number {
    return this.all().filter(({ resource }) => targetOf(resource)?.collection !== 'contacts').length;
  }

  create(request: SubscriptionRequest): Subscription {
    const subscription: Subscription = {
      id: uuid(this.#options.random),
      resource: request.resource,
      changeType: request.changeType,
      clientState: request.clientState,
      notificationUrl: request.notificationUrl,
      lifecycleNotificationUrl: request.lifecycleNotificationUrl,
      latestSupportedTlsVersion: request.latestSupportedTlsVersion ?? 'v1_2',
      immutableIds: request.immutableIds ?? false,
      expiresAt: this.#expiry(request.expirationDateTime, request.resource),
      reauthorizeBy: undefined,
      renewedAt: undefined,
      reauthorizedAt: undefined,
    };
    this.#live.set(subscription.id, subscription);
    const target = targetOf(request.resource);
    if (target?.collection !== 'contacts') return subscription;
    const others = this.#byMailbox.get(target.userId);
    if (others === undefined) this.#byMailbox.set(target.userId, new Set([subscription]));
    else others.add(subscription);
    return subscription;
  }

  /** Also reauthorizes. */
  renew(subscription: Subscription, expirationDateTime: string): void {
    const now = this.#options.clock.now();
    subscription.expiresAt = this.#expiry(expirationDateTime, subscription.resource);
    this.#apart(subscription, subscription.reauthorizedAt);
    subscription.renewedAt = now;
    subscription.reauthorizeBy = undefined;
  }

  /** Does not extend the life. */
  reauthorize(subscription: Subscription): void {
    this.#apart(subscription, subscription.renewedAt);
    subscription.reauthorizedAt = this.#options.clock.now();
    subscription.reauthorizeBy = undefined;
  }

  /** For a client's DELETE, and for one that vanishes without a word. */
  delete(id: string): boolean {
    const subscription = this.#live.get(id.toLowerCase());
    if (subscription === undefined) return false;
    const target = targetOf(subscription.resource);
    if (target?.collection === 'contacts') this.#byMailbox.get(target.userId)?.delete(subscription);
    return this.#live.delete(subscription.id);
  }

  #apart(subscription: Subscription, other: number | undefined): void {
    if (other === undefined || this.#options.clock.now() - other >= APART_MS) return;
    this.#options.oracles.note('renew-beside-reauthorize', `subscription ${subscription.id}`);
  }

  #expiry(text: string, resource: string): number {
    const now = this.#options.clock.now();
    const wanted = Date.parse(text);
    const minutes = LONGEST_MINUTES[targetOf(resource)?.collection ?? 'users'];
    const latest = now + minutes * MINUTE_MS;
    if (wanted <= latest) return Math.max(wanted, now + FLOOR_MS);
    if (this.#options.switches.overlongExpiry === 'clamped') return latest;
    throw new Refusal(
      400,
      'ExtensionError',
      `Subscription expiration can only be ${minutes} minutes in the future.`,
    );
  }
}

function key(of: { changeType: string; resource: string }): string {
  const target = targetOf(of.resource);
  // The ids of folders differ by case alone.
  const what =
    target?.collection === 'contacts'
      ? `contacts ${target.userId} ${target.folderId ?? ''}`
      : of.resource.replace(/^\//, '').toLowerCase();
  return `${of.changeType.split(',').toSorted().join(',')} ${what}`;
}
