/** What a queue was created with. Durations in milliseconds, Infinity for never; sizes in bytes. */
export interface QueueSettings {
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  readonly requiresDuplicateDetection: boolean;
  readonly duplicateWindowMs: number;
  readonly timeToLiveMs: number;
  readonly deadLetterExpired: boolean;
  readonly maxSizeBytes: number;
  readonly maxMessageBytes: number;
}

/** As the service has them when nothing is said (learn.microsoft.com/azure/service-bus-messaging, quotas and queue properties). */
export const DEFAULT_SETTINGS: QueueSettings = {
  lockDurationMs: 60_000,
  maxDeliveryCount: 10,
  requiresSession: false,
  requiresDuplicateDetection: false,
  duplicateWindowMs: 10 * 60_000,
  timeToLiveMs: Infinity,
  deadLetterExpired: false,
  maxSizeBytes: 1024 * 1024 * 1024,
  maxMessageBytes: 256 * 1024,
};
