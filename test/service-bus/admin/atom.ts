import { durationOf, millisecondsOf } from '../durations.ts';
import type { Queue } from '../queue/queue.ts';
import type { QueueSettings } from '../queue/settings.ts';

const SERVICE_BUS = 'http://schemas.microsoft.com/netservices/2010/10/servicebus/connect';
const COUNTS = 'http://schemas.microsoft.com/netservices/2011/06/servicebus';
const MEGABYTE = 1024 * 1024;

export interface Described {
  readonly queue: Queue;
  readonly createdAt: number;
  /** Scheme, host and port. */
  readonly origin: string;
}

/** A queue as an Atom entry, its runtime figures included, in the order in which the service writes them. */
export function entryOf({ queue, createdAt, origin }: Described): string {
  const { settings, counts, name } = queue;
  const created = new Date(createdAt).toISOString();
  const dead = queue.deadLetters?.counts.active ?? 0;
  const fields: [string, string | number | boolean][] = [
    ['LockDuration', durationOf(settings.lockDurationMs)],
    ['MaxSizeInMegabytes', Math.round(settings.maxSizeBytes / MEGABYTE)],
    ['RequiresDuplicateDetection', settings.requiresDuplicateDetection],
    ['RequiresSession', settings.requiresSession],
    ['DefaultMessageTimeToLive', durationOf(settings.timeToLiveMs)],
    ['DeadLetteringOnMessageExpiration', settings.deadLetterExpired],
    ['DuplicateDetectionHistoryTimeWindow', durationOf(settings.duplicateWindowMs)],
    ['MaxDeliveryCount', settings.maxDeliveryCount],
    ['EnableBatchedOperations', true],
    ['SizeInBytes', counts.bytes],
    ['MessageCount', counts.active + counts.deferred + counts.scheduled + dead],
    ['IsAnonymousAccessible', false],
    ['Status', 'Active'],
    ['CreatedAt', created],
    ['UpdatedAt', created],
    ['AccessedAt', created],
    ['SupportOrdering', true],
  ];
  const late: [string, string | number | boolean][] = [
    ['AutoDeleteOnIdle', durationOf(Infinity)],
    ['EnablePartitioning', false],
    ['EntityAvailabilityStatus', 'Available'],
    ['EnableExpress', false],
    ['MaxMessageSizeInKilobytes', Math.round(settings.maxMessageBytes / 1024)],
  ];
  const figures = Object.entries({
    ActiveMessageCount: counts.active + counts.deferred,
    DeadLetterMessageCount: dead,
    ScheduledMessageCount: counts.scheduled,
    TransferMessageCount: 0,
    TransferDeadLetterMessageCount: 0,
  }).map(([field, value]) => `<d2p1:${field}>${value}</d2p1:${field}>`);
  const uri = `${origin}/${encodeURI(name)}?api-version=2021-05`;
  return `<entry xmlns="http://www.w3.org/2005/Atom"><id>${escaped(uri)}</id><title type="text">${escaped(name)}</title><published>${created}</published><updated>${created}</updated><author><name>double</name></author><link rel="self" href="${escaped(uri)}"/><content type="application/xml"><QueueDescription xmlns="${SERVICE_BUS}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">${xml(fields)}<CountDetails xmlns:d2p1="${COUNTS}">${figures.join('')}</CountDetails>${xml(late)}</QueueDescription></content></entry>`;
}

/** `next`: where the list goes on; null at its end. */
export function feedOf(entries: readonly string[], origin: string, next: string | null): string {
  const links = [
    `<link rel="self" href="${escaped(origin)}/$Resources/Queues"/>`,
    ...(next === null ? [] : [`<link rel="next" href="${escaped(next)}"/>`]),
  ];
  return `<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Queues</title><id>${escaped(origin)}/$Resources/Queues</id>${links.join('')}${entries.join('')}</feed>`;
}

export function errorOf(code: number, detail: string): string {
  return `<Error><Code>${code}</Code><Detail>${escaped(detail)}</Detail></Error>`;
}

/** Settings that a request names; those that it does not name stay as the service has them. Throws on a value that is none. */
export function settingsOf(text: string): Partial<QueueSettings> {
  const field = (name: string): string | undefined =>
    new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]?.trim();
  const read = <T>(name: string, convert: (value: string) => T): T | undefined => {
    const value = field(name);
    return value === undefined || value === '' ? undefined : convert(value);
  };
  const all = {
    lockDurationMs: read('LockDuration', millisecondsOf),
    maxDeliveryCount: read('MaxDeliveryCount', Number),
    requiresSession: read('RequiresSession', yes),
    requiresDuplicateDetection: read('RequiresDuplicateDetection', yes),
    duplicateWindowMs: read('DuplicateDetectionHistoryTimeWindow', millisecondsOf),
    timeToLiveMs: read('DefaultMessageTimeToLive', millisecondsOf),
    deadLetterExpired: read('DeadLetteringOnMessageExpiration', yes),
    maxSizeBytes: read('MaxSizeInMegabytes', (value) => Number(value) * MEGABYTE),
    maxMessageBytes: read('MaxMessageSizeInKilobytes', (value) => Number(value) * 1024),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function yes(value: string): boolean {
  return value === 'true';
}

function xml(fields: readonly [string, string | number | boolean][]): string {
  return fields.map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`).join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
