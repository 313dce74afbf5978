import { Registry } from 'prom-client';
import type { Clock } from '../../kit/clock.ts';
import type { RoleName } from '../role-name.ts';
import { expose } from './expose.ts';

/** What one process tells Prometheus. */
export interface Metrics {
  /** To which the parts of the process add what they know. */
  readonly registry: Registry;
  /** Prometheus' text format. */
  text(): Promise<string>;
}

export function createMetrics({ role, clock }: { readonly role: RoleName; readonly clock: Clock }): Metrics {
  const registry = new Registry();
  const startedAt = clock.now() / 1_000 - process.uptime();
  expose(registry, 'contact_sync_process_info', () => [[{ role }, 1]]);
  expose(registry, 'process_start_time_seconds', () => [[{}, startedAt]]);
  expose(registry, 'process_resident_memory_bytes', () => [[{}, process.memoryUsage.rss()]]);
  expose(registry, 'process_cpu_seconds_total', () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / 1_000_000]];
  });
  return { registry, text: () => registry.metrics() };
}
