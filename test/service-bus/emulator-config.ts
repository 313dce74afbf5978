import { millisecondsOf } from './durations.ts';
import type { QueueSettings } from './queue/settings.ts';

/**
 * The queues of a `config.json` for the official emulator (github.com/Azure/azure-service-bus-emulator-installer), so
 * that either can be started with it. Throws on what is not one, and on what the double does not imitate.
 */
export function readEmulatorConfig(json: string): Record<string, Partial<QueueSettings>> {
  const { UserConfig } = JSON.parse(json) as Config;
  const queues: Record<string, Partial<QueueSettings>> = {};
  if (!Array.isArray(UserConfig?.Namespaces))
    throw new Error('The configuration has no "UserConfig" with "Namespaces": it is none of the emulator.');
  for (const namespace of UserConfig.Namespaces) {
    if ((namespace.Topics ?? []).length > 0) throw new Error('The double knows no topics, only queues.');
    for (const { Name, Properties } of namespace.Queues ?? [])
      queues[Name] = settingsOf(Name, Properties ?? {});
  }
  return queues;
}

interface Config {
  readonly UserConfig?: {
    readonly Namespaces?: readonly {
      readonly Queues?: readonly { readonly Name: string; readonly Properties?: Properties }[];
      readonly Topics?: readonly unknown[];
    }[];
  };
}

interface Properties {
  readonly DeadLetteringOnMessageExpiration?: boolean;
  readonly DefaultMessageTimeToLive?: string;
  readonly DuplicateDetectionHistoryTimeWindow?: string;
  readonly ForwardDeadLetteredMessagesTo?: string;
  readonly ForwardTo?: string;
  readonly LockDuration?: string;
  readonly MaxDeliveryCount?: number;
  readonly RequiresDuplicateDetection?: boolean;
  readonly RequiresSession?: boolean;
}

function settingsOf(name: string, from: Properties): Partial<QueueSettings> {
  if (from.ForwardTo || from.ForwardDeadLetteredMessagesTo)
    throw new Error(`Queue '${name}' forwards its messages, which the double does not.`);
  return {
    ...(from.LockDuration ? { lockDurationMs: millisecondsOf(from.LockDuration) } : {}),
    ...(from.MaxDeliveryCount === undefined ? {} : { maxDeliveryCount: from.MaxDeliveryCount }),
    ...(from.DefaultMessageTimeToLive ? { timeToLiveMs: millisecondsOf(from.DefaultMessageTimeToLive) } : {}),
    ...(from.DuplicateDetectionHistoryTimeWindow
      ? { duplicateWindowMs: millisecondsOf(from.DuplicateDetectionHistoryTimeWindow) }
      : {}),
    requiresSession: from.RequiresSession ?? false,
    requiresDuplicateDetection: from.RequiresDuplicateDetection ?? false,
    deadLetterExpired: from.DeadLetteringOnMessageExpiration ?? false,
  };
}
