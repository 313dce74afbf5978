import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangesReport, TracedChange } from '../../src/run/trace/report.ts';
import type { User } from '../tenant/directory/objects.ts';
import { attributeOf, openCollector, type CollectedSpan, type Collector } from './collector.ts';
import { freePort } from './free-port.ts';
import { install, type Installation } from './installation.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

/* The real program against a real receiver of OTLP over HTTP. */

const MAILBOXES = 3;
const SOON = { OTEL_BSP_SCHEDULE_DELAY: '200' };
const HEADER = 'Bearer of-the-backend';

let collector: Collector;
let on: Installation;
let service: Program;
beforeAll(async () => {
  collector = await openCollector();
  on = await install({
    people: 8,
    mailboxes: MAILBOXES,
    seed: 6,
    env: {
      ...SOON,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(HEADER)}`,
      OTEL_SERVICE_NAME: 'contoso-sync',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
  });
  service = on.start('run');
  await on.untilRight();
  await on.untilSubscribed(service);
}, 120_000);
afterAll(async () => {
  await on.close();
  await collector.close();
});

function somebody(): User {
  const owners = new Set(on.population.owners.map(({ id }) => id));
  const found = on.population.people.find(({ id }) => !owners.has(id));
  if (!found) throw new Error('The story needs somebody without a mailbox.');
  return found;
}

async function notified(person: User): Promise<TracedChange> {
  let found: TracedChange | undefined;
  await until(async () => {
    const { stdout } = await on.run('trace', person.id, '--json');
    const { changes } = JSON.parse(stdout) as ChangesReport;
    found = changes.find(({ causes }) => causes.includes('notification'));
    return found !== undefined;
  });
  if (!found) throw new Error('Nothing was notified.');
  return found;
}

describe('the trace of a change', () => {
  test('goes from its notification through look and write to every batch, under the id of the change', async () => {
    const person = somebody();
    on.tenant.directory.updateUser(person.id, { jobTitle: 'Seen by the backend' });
    const { change } = await notified(person);
    await on.untilRight();
    const ofChange = (): CollectedSpan[] => collector.spans.filter(({ traceId }) => traceId === change);
    const named = (name: string): CollectedSpan[] => ofChange().filter((span) => span.name === name);
    const batches = (): CollectedSpan[] =>
      collector.spans.filter(
        ({ name, links = [] }) => name === 'batch' && links.some(({ traceId }) => traceId === change),
      );
    await until(() => named('write').length > 0 && named('look').length > 1 && batches().length > 0, {
      else: () => JSON.stringify(collector.spans.slice(-20)),
    });
    const [notification, ...more] = named('notification');
    expect(more).toEqual([]);
    expect(notification?.parentSpanId).toBeUndefined();
    const looks = named('look');
    const ids = new Set([notification?.spanId, ...looks.map(({ spanId }) => spanId)]);
    for (const { parentSpanId } of looks) expect(ids).toContain(parentSpanId);
    const [write] = named('write');
    expect(looks.map(({ spanId }) => spanId)).toContain(write?.parentSpanId);
    expect(batches()[0]?.links?.map(({ spanId }) => spanId)).toContain(write?.spanId);
    expect(attributeOf(batches()[0] ?? expect.fail(), 'contact_sync.operations')).toBeGreaterThan(0);
    for (const span of [...looks, ...named('write')]) {
      expect(attributeOf(span, 'contact_sync.tenant')).toBe('contoso');
      expect(attributeOf(span, 'contact_sync.verdict')).toBe('done');
    }
  });

  test('tells of nobody: neither values nor ids of the directory', () => {
    const text = collector.text();
    expect(collector.spans.length).toBeGreaterThan(5);
    for (const { id, displayName, userPrincipalName, surname } of on.population.people)
      for (const value of [id, displayName, userPrincipalName, surname ?? displayName])
        expect(text).not.toContain(value);
    expect(text).not.toContain('Seen by the backend');
  });

  test('names the service as the variables say, and reaches the backend with their headers', () => {
    const [resource] = collector.resources;
    expect(attributeOf(resource ?? { attributes: [] }, 'service.name')).toBe('contoso-sync');
    expect(attributeOf(resource ?? { attributes: [] }, 'deployment.environment.name')).toBe('test');
    expect(attributeOf(resource ?? { attributes: [] }, 'service.version')).toMatch(/^\d+\.\d+/);
    expect(new Set(collector.authorizations)).toEqual(new Set([HEADER]));
    expect(service.said()).not.toContain(HEADER);
  });
});

test('a backend that is away is said so in the log, and keeps nothing from being written', async () => {
  const away = await install({
    people: 6,
    mailboxes: 2,
    seed: 7,
    env: {
      ...SOON,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    },
  });
  try {
    const program = away.start('run');
    await away.untilRight();
    await until(() => program.said().includes('"event":"traces-unsent"'), { else: () => program.said() });
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  } finally {
    await away.close();
  }
}, 120_000);
