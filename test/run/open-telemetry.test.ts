import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import type { Log, LogKeys } from '../../src/kit/log.ts';
import type { Tracing } from '../../src/kit/tracing.ts';
import { openTracing } from '../../src/run/tracing/open-telemetry.ts';
import { openCollector, type Collector } from '../process/collector.ts';
import { freePort } from '../process/free-port.ts';
import { until } from '../process/until.ts';

let told: (readonly [string, LogKeys | undefined])[];
let collector: Collector;
const log: Log = { debug: () => {}, tell: (event, keys) => void told.push([event, keys]) };
beforeEach(async () => {
  told = [];
  collector = await openCollector();
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await collector.close();
});

/** The exporter reads the variables of the process by itself. */
function open(variables: Readonly<Record<string, string>>): Tracing {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return openTracing({ env: process.env, version: '0.0.0', clock: systemClock, log });
}
const reasons = (): unknown[] => told.map(([event, keys]) => [event, keys?.['reason']]);

test('the last spans that nobody takes are told of when the service stops', async () => {
  const tracing = open({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
  tracing.begin('look').end();
  await tracing.close();
  expect(reasons()).toEqual([['traces-unsent', 'LastOnes']]);
});

test('nothing is told where all is well, and a batch keeps each of its links', async () => {
  const tracing = open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  const links = Array.from({ length: 500 }, (_, at) => {
    const digits = (at + 1).toString(16);
    return `00-${digits.padStart(32, '0')}-${digits.padStart(16, '0')}-01`;
  });
  tracing.begin('batch', { links }).end();
  await tracing.close();
  expect(collector.spans[0]?.links).toHaveLength(links.length);
  expect(told).toEqual([]);
});

test('spans that do not fit in memory are told of', async () => {
  const tracing = open({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_MAX_QUEUE_SIZE: '2',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1',
    OTEL_BSP_SCHEDULE_DELAY: '20',
  });
  for (let time = 0; time < 9; time += 1) tracing.begin('look').end();
  // The library says so with the first one that fits again.
  await until(() => collector.spans.length > 2);
  tracing.begin('look').end();
  await tracing.close();
  expect(reasons()).toEqual([['traces-unsent', 'Dropped']]);
});

test('an address that is no URL is told of, without the address', async () => {
  const tracing = open({ OTEL_EXPORTER_OTLP_ENDPOINT: 'no secret:of an address' });
  await tracing.close();
  expect(reasons()).toEqual([['traces-unsent', 'Variables']]);
  expect(JSON.stringify(told)).not.toContain('secret');
});
