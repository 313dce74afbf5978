import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';

/** By OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG; what they do not say, or say wrongly, is `parentbased_always_on`. */
export function samplerOf(env: Readonly<Record<string, string | undefined>>): Sampler {
  const ratio = (): Sampler => new TraceIdRatioBasedSampler(ratioOf(env['OTEL_TRACES_SAMPLER_ARG']));
  const samplers: Readonly<Record<string, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: ratio,
    parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    parentbased_traceidratio: () => new ParentBasedSampler({ root: ratio() }),
  };
  const chosen = samplers[env['OTEL_TRACES_SAMPLER'] ?? ''];
  return chosen?.() ?? new ParentBasedSampler({ root: new AlwaysOnSampler() });
}

function ratioOf(text: string | undefined): number {
  const ratio = Number(text ?? 1);
  return ratio >= 0 && ratio <= 1 ? ratio : 1;
}
