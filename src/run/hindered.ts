import { toldOf } from '../kit/told.ts';

/** Something stands in the way in some tenants; the others had their work done, or there are none. */
export class Hindered extends Error {
  /** What stands in the way, by tenant. */
  readonly causes: ReadonlyMap<string, unknown>;
  /** How many tenants were not hindered. */
  readonly others: number;

  constructor(causes: ReadonlyMap<string, unknown>, others: number) {
    const lines = Array.from(causes, ([tenant, cause]) => `tenant ${tenant}: ${toldOf(cause)}`);
    super(lines.join('; '), { cause: causes.values().next().value });
    this.name = 'Hindered';
    this.causes = causes;
    this.others = others;
  }
}

/** The same work in every tenant, side by side: each is tried to its end before `Hindered` is thrown for those that failed. */
export async function inEvery<T>(
  tenants: readonly string[],
  work: (tenant: string) => Promise<T>,
): Promise<T[]> {
  const results = await Promise.allSettled(tenants.map(work));
  const done: T[] = [];
  const causes = new Map<string, unknown>();
  results.forEach((result, index) => {
    if (result.status === 'fulfilled') done.push(result.value);
    else causes.set(tenants[index] ?? '', result.reason);
  });
  if (causes.size > 0) throw new Hindered(causes, done.length);
  return done;
}
