import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as OTLP has it in JSON, as far as the tests look at it. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code: number; readonly message?: string };
}

interface Post {
  readonly resourceSpans: readonly {
    readonly resource: Pick<CollectedSpan, 'attributes'>;
    readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[];
  }[];
}

/** What tracing backends are: an OTLP receiver over HTTP, on the loopback address. */
export interface Collector {
  readonly endpoint: string;
  readonly spans: CollectedSpan[];
  /** Of the processes, and their headers. */
  readonly resources: Pick<CollectedSpan, 'attributes'>[];
  readonly authorizations: (string | undefined)[];
  /** Everything that came, as text. */
  text(): string;
  close(): Promise<void>;
}

export async function openCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const resources: Collector['resources'] = [];
  const authorizations: Collector['authorizations'] = [];
  let text = '';
  function take(request: IncomingMessage, bytes: Buffer): number {
    if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/json') return 400;
    const isPacked = request.headers['content-encoding'] === 'gzip';
    const body = (isPacked ? gunzipSync(bytes) : bytes).toString();
    text += body;
    authorizations.push(request.headers.authorization);
    for (const { resource, scopeSpans } of (JSON.parse(body) as Post).resourceSpans) {
      resources.push(resource);
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    return 200;
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response
        .writeHead(take(request, Buffer.concat(parts)), { 'content-type': 'application/json' })
        .end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    resources,
    authorizations,
    text: () => text,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The value of an attribute, whatever its type. */
export function attributeOf({ attributes }: Pick<CollectedSpan, 'attributes'>, key: string): unknown {
  const [value] = Object.values(attributes.find((one) => one.key === key)?.value ?? {});
  return value;
}
