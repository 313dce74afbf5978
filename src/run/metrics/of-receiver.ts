import type { Registry } from 'prom-client';
import type { Receiver } from '../../../webhooks/receiver.ts';
import { expose } from './expose.ts';

/** What `/figures` tells of a receiver. */
export function exposeReceiver(registry: Registry, receiver: Pick<Receiver, 'figures'>): void {
  const counted = (): ReturnType<Receiver['figures']>['sinceStart'] => receiver.figures().sinceStart;
  expose(registry, 'contact_sync_receiver_handshakes_total', () => [[{}, counted().handshakes]]);
  expose(registry, 'contact_sync_receiver_items_total', () => {
    const { accepted, ignored, forged, malformed } = counted();
    return Object.entries({ accepted, ignored, forged, malformed }).map(
      ([result, count]) => [{ result }, count] as const,
    );
  });
  expose(registry, 'contact_sync_receiver_failed_posts_total', () => {
    const { refused, unavailable, aborted } = counted();
    return Object.entries({ refused, unavailable, aborted }).map(
      ([reason, count]) => [{ reason }, count] as const,
    );
  });
  expose(registry, 'contact_sync_receiver_answers_total', () => [[{}, counted().answers]]);
  expose(registry, 'contact_sync_receiver_late_answers_total', () => [
    [{ over_seconds: '3' }, counted().over3s],
    [{ over_seconds: '10' }, counted().over10s],
  ]);
  expose(registry, 'contact_sync_receiver_late_ratio', () => {
    const { answers, over3s, over10s } = receiver.figures().lastTenMinutes;
    return [
      [{ over_seconds: '3' }, over3s / Math.max(1, answers)],
      [{ over_seconds: '10' }, over10s / Math.max(1, answers)],
    ];
  });
}
