import { showProgress } from '../../src/cli/progress.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { readOptions, type DemoOptions } from './options.ts';
import { personalDataAtRest, personalValues } from './personal-data.ts';
import { play, type Change, type Fill, type Swept } from './play.ts';
import { setStage } from './stage.ts';
import { story } from './telling.ts';

/** The demo's one document. */
export interface Report {
  readonly people: number;
  readonly mailboxes: number;
  readonly contacts: number;
  readonly fill: Fill;
  readonly changes: readonly Change[];
  readonly sweep: Swept;
  readonly divergences: number;
  readonly duplicates: number;
  readonly foreignTouched: number;
  readonly personalDataAtRest: number;
  readonly peakRssMiB: number;
}

/** Beside the members there is the hub. */
function mailboxesOf({ job, mailboxes }: DemoOptions): number {
  return { directory: mailboxes, 'cross-tenant': 1, mirror: mailboxes + 1 }[job];
}

async function demo(options: DemoOptions): Promise<Report> {
  const progress = showProgress(process.stderr, systemClock);
  const say = (line: string): void =>
    void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const stage = await setStage(options, (now) => progress.report(now));
  try {
    say(stage.told.join('\n'));
    const played = await play(stage, { say, filled: () => progress.end() });
    const { divergences, duplicates, foreignTouched, contacts } = stage.compare();
    const violations = stage.violations();
    if (violations.length > 0)
      say(`The tenant noted ${violations.length} violations: ${JSON.stringify(violations.slice(0, 5))}`);
    return {
      people: options.people,
      mailboxes: mailboxesOf(options),
      contacts,
      ...played,
      divergences: divergences.length,
      duplicates,
      foreignTouched,
      personalDataAtRest: await personalDataAtRest(stage.folders, stage.tenants.flatMap(personalValues)),
      peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    };
  } finally {
    await stage.close();
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  const report = await demo(options);
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${story(report)}\n`);
  const { divergences, duplicates, foreignTouched, personalDataAtRest: leaked } = report;
  process.exitCode = divergences + duplicates + foreignTouched + leaked === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
