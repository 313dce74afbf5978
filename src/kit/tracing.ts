/** What a tracing backend may be told of a span: words of ours, keys of the configuration, counts. No object, mailbox or value. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

export interface SpanOptions {
  /** The span that it follows from, as a traceparent of W3C Trace Context. */
  readonly parent?: string;
  /** A trace of its own, under this trace id. */
  readonly traceId?: string;
  /** Spans that it has to do with, as traceparents. */
  readonly links?: readonly string[];
  readonly attributes?: SpanAttributes;
}

export interface OpenSpan {
  /** For whoever goes on with it. */
  readonly traceparent: string;
  /** `fault`: what kind of failure it came to. Once: later calls do nothing. */
  end(outcome?: { readonly attributes?: SpanAttributes; readonly fault?: string | undefined }): void;
}

/** Spans for a tracing backend. Nothing is decided by them, and nobody waits for them. */
export interface Tracing {
  begin(name: string, options?: SpanOptions): OpenSpan;
  /** Sends what is left, for a few seconds at most. */
  close(): Promise<void>;
}

/** Whether the standard environment variables ask for traces (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables). */
export function isTracingAsked(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none')
    return false;
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);
}
