/** Milliseconds for every operation, or by operation (`GET users/{id}`), with `else` for those not named. */
export type LatencyMs = number | Readonly<{ else: number } & Record<string, number>>;

/** How long an operation takes, in milliseconds. */
export type Latency = (operation: string) => number;

export function latencyOf(latencyMs: LatencyMs): Latency {
  return typeof latencyMs === 'number'
    ? () => latencyMs
    : (operation) => latencyMs[operation] ?? latencyMs.else;
}
