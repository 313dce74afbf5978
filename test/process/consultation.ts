import type { Finding } from '../../src/run/doctor/examine.ts';
import { documentOf } from './commands.ts';
import type { Installation } from './installation.ts';

export interface Consultation {
  readonly code: number | null;
  readonly well: boolean;
  readonly findings: readonly Finding[];
}

/** `doctor --json`, as a pipeline would read it. */
export async function consult(on: Installation, ...args: readonly string[]): Promise<Consultation> {
  const ended = await on.run('doctor', '--json', ...args);
  return { ...(documentOf(ended) as Omit<Consultation, 'code'>), code: ended.code };
}

/** Those of a check that say one thing: `failed`, say. */
export function of(
  { findings }: Consultation,
  check: string,
  ...states: readonly Finding['state'][]
): readonly Finding[] {
  return findings.filter((one) => one.check === check && (states.length === 0 || states.includes(one.state)));
}

/** The names of the checks that are not well, each once. */
export function troubles({ findings }: Consultation): string[] {
  return [
    ...new Set(
      findings.filter(({ state }) => state === 'failed' || state === 'warning').map(({ check }) => check),
    ),
  ];
}
