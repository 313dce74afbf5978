import type { Report } from './main.ts';
import type { DemoOptions } from './options.ts';
import type { Change, Fill } from './play.ts';
import type { Stage } from './stage.ts';

const number = new Intl.NumberFormat('en');

export function timings(
  { config, tenant }: Pick<Stage, 'config' | 'tenant'>,
  { people, mailboxes, latencyMs, seed, shape, job }: DemoOptions,
): readonly string[] {
  const { timing, policy, limits } = config;
  const where = job !== 'cross-tenant' ? ` and ${number.format(mailboxes)} mailboxes` : '';
  return [
    `A tenant of ${number.format(people)} people${where} (seed ${seed}) over HTTPS on this machine.`,
    ...(shape === 'distributed'
      ? ['A receiver, two workers and a keeper share a double of Azure Service Bus and a real PostgreSQL.']
      : []),
    `Each call takes ${latencyMs} ms, a notification leaves ${tenant.switches.notifyAfterMs} ms after its change.`,
    `Policy ${policy}; second looks after ${timing.secondLookMs / 1000} s and ${timing.quietLookMs / 1000} s (not waited for, not counted);` +
      ` at most ${limits.concurrency} batches in flight.`,
  ];
}

export function tellFill({ seconds, writes, httpRequests }: Fill): string {
  return `First fill: ${number.format(writes)} contacts in ${seconds.toFixed(1)} s, ${number.format(httpRequests)} HTTP requests.`;
}

export function tellChange({ name, writes, httpRequests, floorRequests, latencyMs }: Change): string {
  return (
    `${name}: right everywhere after ${number.format(latencyMs)} ms; ${writes} contacts written,` +
    ` ${httpRequests} HTTP requests (floor ${floorRequests}, ratio ${(httpRequests / floorRequests).toFixed(2)}).`
  );
}

export function story(report: Report): string {
  const { contacts, sweep, divergences, duplicates, foreignTouched, personalDataAtRest, peakRssMiB } = report;
  return [
    `Looking for what no notification had announced found ${sweep.found} change, with ${sweep.httpRequests} HTTP requests.`,
    `At the end ${number.format(contacts)} contacts were compared with what should stand there: ${divergences} divergences,` +
      ` ${duplicates} duplicates, ${foreignTouched} foreign items touched, ${personalDataAtRest} personal values at rest.`,
    `Peak memory of service and tenant together: ${peakRssMiB} MiB.`,
  ].join('\n');
}
