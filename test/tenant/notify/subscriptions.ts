import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import { Refusal } from '../http/call.ts';
import type { Oracles } from '../oracles.ts';
import type { Switches } from '../options.ts';
import { targetOf, type Subscription } from './subscription.ts';

const MINUTE_MS = 60_000;
/** An earlier expiry is moved to this far ahead, without a word (learn.microsoft.com/graph/api/resources/subscription). */
const FLOOR_MS = 45 * MINUTE_MS;
/** Longest life of a subscription to users or groups (learn.microsoft.com/graph/api/resources/subscription). */
const LONGEST_MS = 41_760 * MINUTE_MS;
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

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Expired ones are gone. */
  all(): Subscription[] {
    const now = this.#options.clock.now();
    for (const [id, subscription] of this.#live) if (subscription.expiresAt <= now) this.#live.delete(id);
    return [...this.#live.values()];
  }

  get(id: string): Subscription | undefined {
    return this.all().find((subscription) => subscription.id === id.toLowerCase());
  }

  /** Throws what Microsoft refuses before it tries the URLs. */
  demandAcceptable(request: SubscriptionRequest): void {
    if (/^\/?users\/[^/]+\/contacts$/i.test(request.resource)) {
      throw new Refusal(403, 'ExtensionError', 'Operation: Create; Contacts.Read is not granted.');
    }
    if (targetOf(request.resource) === undefined)
      throw new Refusal(400, 'InvalidRequest', 'Unsupported resource.');
    const types = request.changeType.split(',');
    if (types.includes('created') && this.#options.switches.createdChangeType === 'refused') {
      throw new Refusal(400, 'InvalidRequest', "Directory resources support 'updated' and 'deleted' only.");
    }
    this.#expiry(request.expirationDateTime);
    const twin = this.all().find((live) => key(live) === key(request));
    if (twin !== undefined) {
      throw new Refusal(
        409,
        'Conflict',
        `Subscription Id <${twin.id}> already exists for the requested combination`,
      );
    }
    const quota = this.#options.switches.subscriptionQuota;
    if (this.#live.size >= quota)
      throw new Refusal(403, 'Forbidden', `The limit of ${quota} subscriptions is reached.`);
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
      expiresAt: this.#expiry(request.expirationDateTime),
      reauthorizeBy: undefined,
      renewedAt: undefined,
      reauthorizedAt: undefined,
    };
    this.#live.set(subscription.id, subscription);
    return subscription;
  }

  /** Also reauthorizes. */
  renew(subscription: Subscription, expirationDateTime: string): void {
    const now = this.#options.clock.now();
    subscription.expiresAt = this.#expiry(expirationDateTime);
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
    return this.#live.delete(id.toLowerCase());
  }

  #apart(subscription: Subscription, other: number | undefined): void {
    if (other === undefined || this.#options.clock.now() - other >= APART_MS) return;
    this.#options.oracles.note('renew-beside-reauthorize', `subscription ${subscription.id}`);
  }

  #expiry(text: string): number {
    const now = this.#options.clock.now();
    const wanted = Date.parse(text);
    if (wanted <= now + LONGEST_MS) return Math.max(wanted, now + FLOOR_MS);
    if (this.#options.switches.overlongExpiry === 'clamped') return now + LONGEST_MS;
    throw new Refusal(
      400,
      'ExtensionError',
      'Subscription expiration can only be 41760 minutes in the future.',
    );
  }
}

function key(of: { changeType: string; resource: string }): string {
  return `${of.changeType.split(',').toSorted().join(',')} ${of.resource.replace(/^\//, '').toLowerCase()}`;
}
