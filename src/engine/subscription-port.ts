/** Lets the other side call us back about changes. */
export interface Subscriptions {
  list(): Promise<SubscriptionState[]>;
  /** Throws `conflict` when one for the same resource exists already. */
  create(
    wanted: Subscribable & { readonly clientState: string; readonly expires: number },
  ): Promise<SubscriptionState>;
  /** Returns the expiry that the service granted. */
  renew(id: string, expires: number, longestMs: number): Promise<number>;
  remove(id: string): Promise<void>;
}

/** Something that we may be told of. */
export interface Subscribable {
  /** The path by which it is subscribed to. */
  readonly resource: string;
  /** Object id of the one whose contacts it is about; null: it is about the tenant's people or groups. */
  readonly mailbox: string | null;
  /** What of it is told, as the service calls it. */
  readonly changeType: string;
  /** So long a subscription to it lives at most, in milliseconds. */
  readonly longestMs: number;
}

export interface SubscriptionState {
  readonly id: string;
  readonly resource: string;
  readonly notificationUrl: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}
