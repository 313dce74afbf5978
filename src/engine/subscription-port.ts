/** Lets Graph call us back about changes. */
export interface Subscriptions {
  list(): Promise<SubscriptionState[]>;
  /** Throws `conflict` when one for the same resource exists already. */
  create(wanted: { resource: string; clientState: string; expires: number }): Promise<SubscriptionState>;
  /** Returns the expiry that the service granted. */
  renew(id: string, expires: number): Promise<number>;
  remove(id: string): Promise<void>;
}

export interface SubscriptionState {
  readonly id: string;
  readonly resource: string;
  readonly notificationUrl: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}
