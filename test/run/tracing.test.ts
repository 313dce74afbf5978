import { describe, expect, test } from 'vitest';
import type { Delivery, Outlet, Queue, Verdict } from '../../src/engine/queue-port.ts';
import type { Target } from '../../src/engine/ports.ts';
import { changeMessage } from '../../src/engine/send.ts';
import { isTracingAsked, type SpanOptions, type Tracing } from '../../src/kit/tracing.ts';
import { changeIdsOf, type Change } from '../../src/model/change.ts';
import { Fault } from '../../src/model/fault.ts';
import type { Write } from '../../src/model/write.ts';
import { samplerOf } from '../../src/run/tracing/sampler.ts';
import { tracedChanges, tracedOutlet, tracedTarget, tracedWrites } from '../../src/run/tracing/traced.ts';

interface Begun extends SpanOptions {
  readonly name: string;
  readonly traceparent: string;
  ended: readonly unknown[];
}

/** Spans are numbered, and remembered. */
function recorder(): { tracing: Tracing; begun: Begun[] } {
  const begun: Begun[] = [];
  const tracing: Tracing = {
    begin(name, options = {}) {
      const spanId = String(begun.length + 1).padStart(16, '0');
      const traceId = options.traceId ?? options.parent?.split('-')[1] ?? 'b'.repeat(32);
      const span: Begun = { name, ...options, traceparent: `00-${traceId}-${spanId}-01`, ended: [] };
      begun.push(span);
      return {
        traceparent: span.traceparent,
        end: (outcome = {}) => {
          span.ended = [...span.ended, outcome];
        },
      };
    },
    close: () => Promise.resolve(),
  };
  return { tracing, begun };
}

const change: Change = {
  v: 1,
  kind: 'user',
  tenant: 'contoso',
  id: 'ann',
  causes: ['notification'],
  at: 1e12,
};
const [ID = ''] = changeIdsOf(change);

function queueOf<Body>(deliveries: Delivery<Body>[], settle: Queue<Body>['settle']): Queue<Body> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else is asked of it
  return { take: () => Promise.resolve(deliveries), settle } as unknown as Queue<Body>;
}

function deliveryOf<Body>(...bodies: readonly Body[]): Delivery<Body> {
  const messages = bodies.map((body, index) => ({ id: `m${index}`, body, attempts: 1, enqueuedAt: 1 }));
  return { key: 'k', token: 't', state: 0, messages };
}

const tracesIn = (body: Write | undefined): readonly string[] =>
  body?.kind === 'identity' ? (body.traces ?? []) : [];
const LIMIT = { keys: 1, messages: 1 };
const done = (delivery: Delivery<unknown>, verdict: Verdict = { kind: 'done' }): Map<string, Verdict> =>
  new Map(delivery.messages.map(({ id }) => [id, verdict]));

describe('spans', () => {
  test('begin with the notification, under the id of the change, and end when it is stored', async () => {
    const { tracing, begun } = recorder();
    const sent: Change[] = [];
    const outlet: Outlet<Change> = {
      send: async (messages) => void sent.push(...messages.map(({ body }) => body)),
      reachable: () => Promise.resolve(),
    };
    await tracedOutlet(tracing, outlet).send([changeMessage(change)]);
    expect(begun).toMatchObject([{ name: 'notification', traceId: ID, ended: [{}] }]);
    expect(sent).toEqual([{ ...change, traces: [begun[0]?.traceparent] }]);
    expect(sent.flatMap(changeIdsOf)).toEqual([ID]);
    const away: Outlet<Change> = { ...outlet, send: () => Promise.reject(new Fault('unavailable', 'away')) };
    await expect(tracedOutlet(tracing, away).send([changeMessage(change)])).rejects.toThrow('away');
    expect(begun[1]?.ended).toEqual([{ fault: 'unavailable' }]);
  });

  test('of a look follow the notification, or begin the trace, and end with the verdict', async () => {
    const { tracing, begun } = recorder();
    const parent = `00-${ID}-00000000000000aa-01`;
    const delivery = deliveryOf<Change>({ ...change, traces: [parent] }, { ...change, id: 'bob' });
    const queue = tracedChanges(
      tracing,
      queueOf([delivery], () => Promise.resolve()),
    );
    const [taken] = await queue.take(LIMIT);
    expect(begun.map(({ name }) => name)).toEqual(['look', 'look', 'looks']);
    expect([begun[0]?.parent, begun[0]?.traceId]).toEqual([parent, undefined]);
    expect([begun[1]?.parent, begun[1]?.traceId]).toEqual([
      undefined,
      changeIdsOf({ ...change, id: 'bob' })[0],
    ]);
    expect(begun[2]?.links).toEqual([begun[0]?.traceparent, begun[1]?.traceparent]);
    expect(taken?.messages.map(({ body }) => body.traces)).toEqual([
      [begun[0]?.traceparent],
      [begun[1]?.traceparent],
    ]);
    await queue.settle(taken ?? delivery, done(delivery, { kind: 'dead', reason: 'forbidden' }));
    expect(begun[0]?.ended).toEqual([{ attributes: { 'contact_sync.verdict': 'dead' }, fault: 'forbidden' }]);
  });

  test('of what is lost to another holder, or is handed out again, end as well', async () => {
    const { tracing, begun } = recorder();
    const delivery = deliveryOf(change);
    const queue = tracedChanges(
      tracing,
      queueOf([delivery], () => Promise.reject(new Fault('lease-lost', 'another holds the key'))),
    );
    const [taken] = await queue.take(LIMIT);
    await expect(queue.settle(taken ?? delivery, done(delivery))).rejects.toThrow('another');
    expect(begun[0]?.ended).toMatchObject([{ fault: 'lease-lost' }]);
    await queue.take(LIMIT);
    await queue.take(LIMIT);
    expect(begun[1]?.ended).toMatchObject([{ attributes: { 'contact_sync.verdict': 'lost' } }]);
    expect(begun[2]?.ended).toEqual([]);
  });

  test('of a batch are linked with the writes that it carries, and there is none for a fill', async () => {
    const { tracing, begun } = recorder();
    const parent = `00-${ID}-00000000000000aa-01`;
    const place = { v: 1, tenant: 'contoso', slab: 2, at: 1 } as const;
    const delivery = deliveryOf<Write>(
      { ...place, kind: 'identity', identity: 'ann', traces: [parent] },
      { ...place, kind: 'fill' },
    );
    const queue = tracedWrites(
      tracing,
      queueOf([delivery], () => Promise.resolve()),
    );
    const target: Target = {
      apply: () => Promise.resolve([{ kind: 'fault', fault: new Fault('throttled', 'later') }]),
      spare: () => Promise.resolve({ idle: 0, operations: 0, askAt: 0 }),
    };
    const traced = tracedTarget(tracing, { target, place: 'contoso' });
    const [taken] = await queue.take(LIMIT);
    expect(begun.map(({ name }) => name)).toEqual(['write']);
    const operation = { kind: 'find-folder', mailbox: 'bob', route: 'staff', known: null } as const;
    await traced.apply([operation], 'bulk');
    const [written] = taken?.messages ?? [];
    await traced.apply([{ ...operation, traces: tracesIn(written?.body) }], 'live');
    expect(begun.slice(1)).toMatchObject([
      {
        name: 'batch',
        links: [begun[0]?.traceparent],
        attributes: { 'contact_sync.operations': 1, 'contact_sync.urgency': 'live' },
        ended: [{ attributes: { 'contact_sync.faults': 1 } }],
      },
    ]);
    await queue.settle(taken ?? delivery, done(delivery));
    expect(begun[0]?.ended).toHaveLength(1);
  });

  test('of a batch are linked with the writes of its own slab, while those of others come and go', async () => {
    const { tracing, begun } = recorder();
    const parent = `00-${ID}-00000000000000aa-01`;
    const [one, other] = [1, 2].map((slab): Delivery<Write> => {
      const body = { v: 1, kind: 'identity', identity: 'ann', tenant: 'contoso', slab, at: 1 } as const;
      return {
        key: `slab ${slab}`,
        token: 't',
        state: 0,
        messages: [{ id: `m${slab}`, body: { ...body, traces: [parent] }, attempts: 1, enqueuedAt: 1 }],
      };
    });
    if (!one || !other) throw new Error('There are two slabs.');
    const queue = tracedWrites(
      tracing,
      queueOf([one, other], () => Promise.resolve()),
    );
    const target: Target = {
      apply: () => Promise.resolve([]),
      spare: () => Promise.resolve({ idle: 0, operations: 0, askAt: 0 }),
    };
    const traced = tracedTarget(tracing, { target, place: 'contoso' });
    const [first, second] = await queue.take(LIMIT);
    const send = (from: Delivery<Write> | undefined): Promise<unknown> => {
      const traces = tracesIn(from?.messages[0]?.body);
      return traced.apply(
        [{ kind: 'find-folder', mailbox: 'bob', route: 'staff', known: null, traces }],
        'live',
      );
    };
    await send(first);
    await queue.settle(second ?? other, done(other));
    await send(first);
    const [ofFirst, ofSecond, ...batches] = begun;
    expect([ofFirst, ofSecond].map((span) => span?.name)).toEqual(['write', 'write']);
    expect(batches.map(({ links }) => links)).toEqual([[ofFirst?.traceparent], [ofFirst?.traceparent]]);
  });
});

describe('the standard variables', () => {
  test.each([
    [{}, false],
    [{ OTEL_SERVICE_NAME: 'x' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'TRUE' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
  ])('ask for traces, or do not: %j', (env, expected) => {
    expect(isTracingAsked(env)).toBe(expected);
  });

  test.each([
    [undefined, undefined, 'ParentBased{root=AlwaysOnSampler'],
    ['always_on', undefined, 'AlwaysOnSampler'],
    ['always_off', undefined, 'AlwaysOffSampler'],
    ['traceidratio', '0.25', 'TraceIdRatioBased{0.25}'],
    ['traceidratio', 'nonsense', 'TraceIdRatioBased{1}'],
    ['parentbased_always_off', undefined, 'ParentBased{root=AlwaysOffSampler'],
    ['parentbased_traceidratio', '0.5', 'ParentBased{root=TraceIdRatioBased{0.5}'],
    ['something else', undefined, 'ParentBased{root=AlwaysOnSampler'],
  ])('choose the sampler: %s %s', (sampler, argument, expected) => {
    const env = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument };
    expect(String(samplerOf(env)).startsWith(expected)).toBe(true);
  });
});
