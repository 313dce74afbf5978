import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { firstOf } from '../../kit/loop.ts';
import type { OpenSpan, SpanOptions, Tracing } from '../../kit/tracing.ts';
import { samplerOf } from './sampler.ts';

export interface Telling {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who stops the service waits no longer than this for a backend that does not answer. */
const CLOSING_MS = 5_000;
const SILENCE_MS = 60_000;
const LINKS = 1_000;

/**
 * Spans by OTLP over HTTP, as the standard variables say: the exporter reads those of OTEL_EXPORTER_OTLP by itself. Nothing is
 * registered for the process as a whole, so what other packages would tell is told to nobody.
 */
export function openTracing({ env, version, clock, log }: Telling): Tracing {
  const failed = failures(clock, log);
  listen(failed);
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol === 'grpc') log.tell('traces-protocol', { protocol, used: 'http/json' });
  const ids = new IdsOfChanges();
  const named = resourceFromAttributes({ 'service.name': 'contact-sync', 'service.version': version });
  const number = (name: string): number | undefined => positive(env[name]);
  const provider = new TracerProvider({
    idGenerator: ids,
    sampler: samplerOf(env),
    // Of what is read or sent together, each change has its link.
    spanLimits: { linkCountLimit: LINKS },
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        ...given('scheduledDelayMillis', number('OTEL_BSP_SCHEDULE_DELAY')),
        ...given('maxQueueSize', number('OTEL_BSP_MAX_QUEUE_SIZE')),
        ...given('maxExportBatchSize', number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE')),
        ...given('exportTimeoutMillis', number('OTEL_BSP_EXPORT_TIMEOUT')),
      }),
    ],
  });
  const tracer = provider.getTracer('contact-sync', version);
  return {
    begin(name, options = {}) {
      const { attributes = {}, links = [], parent } = options;
      ids.next = options.traceId ?? null;
      const span = tracer.startSpan(
        name,
        {
          attributes,
          root: parent === undefined,
          links: links.map((link) => ({ context: contextOf(link) })),
        },
        parent === undefined ? ROOT_CONTEXT : within(parent),
      );
      ids.next = null;
      return {
        traceparent: traceparentOf(span.spanContext()),
        end: ({ attributes: more = {}, fault } = {}) => {
          if (!span.isRecording()) return;
          span.setAttributes(more);
          if (fault !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: fault });
          span.end();
        },
      } satisfies OpenSpan;
    },
    async close() {
      let areSent = false;
      const ending = provider.shutdown().then(
        () => (areSent = true),
        () => {},
      );
      await firstOf(clock, [ending], { ms: CLOSING_MS });
      // What is lost here is not told by the library, which has thrown it away with the rest.
      if (!areSent) failed('LastOnes');
    },
  };
}

/** A trace that is the trace of a change has the id of the change. */
class IdsOfChanges {
  next: string | null = null;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.next ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#random.generateSpanId();
  }
}

function contextOf(traceparent: NonNullable<SpanOptions['parent']>): SpanContext {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function within(parent: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, contextOf(parent));
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

function silent(): void {}

/** What became of spans: not sent now, or at the end; dropped, as memory is full; or variables that are not understood. */
type Failure = 'NotSent' | 'LastOnes' | 'Dropped' | 'Variables';

/** Each kind is said once a minute. */
function failures(clock: Clock, log: Log): (reason: Failure) => void {
  const silentUntil = new Map<Failure, number>();
  return (reason) => {
    const now = clock.now();
    if (now < (silentUntil.get(reason) ?? 0)) return;
    silentUntil.set(reason, now + SILENCE_MS);
    log.tell('traces-unsent', { reason });
  };
}

/** Of what the library says only the kind is kept: it quotes addresses and headers, which may hold a secret. */
function listen(failed: (reason: Failure) => void): void {
  diag.setLogger(
    {
      error: () => failed('NotSent'),
      warn: (message) => failed(message.startsWith('Dropped') ? 'Dropped' : 'Variables'),
      info: silent,
      debug: silent,
      verbose: silent,
    },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

function given<Name extends string>(name: Name, value: number | undefined): Partial<Record<Name, number>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed name is not narrowed
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, number>>;
}
