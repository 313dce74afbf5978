import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { CATALOGUE, type MetricName } from './catalogue.ts';

/** Values of a metric, each under its labels. */
export type Samples = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

/**
 * A metric whose truth is somewhere else: it is asked there whenever somebody looks. What cannot be read is missing, and the
 * rest is told all the same.
 */
export function expose(registry: Registry, name: MetricName, read: () => Samples | Promise<Samples>): void {
  const { type, help, labels } = CATALOGUE[name];
  const options = { name, help, labelNames: [...labels], registers: [] };
  const samples = async (): Promise<Samples> => {
    try {
      return await read();
    } catch {
      return [];
    }
  };
  const counter = (): Counter =>
    new Counter({
      ...options,
      async collect() {
        const found = await samples();
        clear(this, labels);
        for (const [labelled, value] of found) this.inc(labelled, value);
      },
    });
  const gauge = (): Gauge =>
    new Gauge({
      ...options,
      async collect() {
        const found = await samples();
        clear(this, labels);
        for (const [labelled, value] of found) this.set(labelled, value);
      },
    });
  registry.registerMetric(type === 'counter' ? counter() : gauge());
}

/** A metric without labels is born as 0, and reset to it: a zero that is not true, and to Prometheus a counter that began anew. */
function clear(metric: Counter | Gauge, labels: readonly string[]): void {
  metric.reset();
  if (labels.length === 0) metric.remove();
}

export function histogramOf(registry: Registry, name: MetricName, buckets: readonly number[]): Histogram {
  const { help, labels } = CATALOGUE[name];
  return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] });
}

export function counterOf(registry: Registry, name: MetricName): Counter {
  const { help, labels } = CATALOGUE[name];
  return new Counter({ name, help, labelNames: [...labels], registers: [registry] });
}
