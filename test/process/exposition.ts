import { spawnSync } from 'node:child_process';

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with what stands above its lines. */
export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus' text format. Throws for a line that is none of it, and for a value without a name above it. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, about, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    const known = families.get(name) ?? { help: '', type: '', samples: [] };
    if (about === 'HELP') families.set(name, { ...known, help: rest });
    else if (about === 'TYPE') families.set(name, { ...known, type: rest });
    else sampleInto(families, line);
  }
  return families;
}

function sampleInto(families: ReadonlyMap<string, Family>, line: string): void {
  const [, name, labels = '', value] = LINE.exec(line) ?? [];
  if (name === undefined) throw new Error(`Not a line of an exposition: ${line}`);
  const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ''));
  if (!family) throw new Error(`Nothing was said about ${name}.`);
  const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text] as const);
  family.samples.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
}

/** The sum of the samples of this name with at least these labels; null where there are none. */
export function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null {
  const found = [...families.values()]
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
  return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
}

export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** What Prometheus' own tool says, and with which status it ends. */
export function promtool(args: readonly string[], input = ''): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}
