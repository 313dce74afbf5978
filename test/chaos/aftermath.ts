import { personalDataAtRest } from '../demo/personal-data.ts';
import { foreignContacts } from '../process/bystanders.ts';
import { status } from '../process/commands.ts';
import type { Installation } from '../process/installation.ts';
import { until } from '../process/until.ts';
import type { Afterlives } from './afterlives.ts';
import type { Fleet } from './fleet.ts';
import type { Scene } from './scene.ts';

/** Long enough for what Graph tries again after 10, 20, 40 and 80 seconds, and for a lease that must run out. */
export const PATIENCE_MS = 240_000;

export function isRight(on: Installation): boolean {
  return on.compare().divergences.length === 0;
}

/** Seconds until all is right; then nothing is on its way any more. Null: it did not come to that. */
export async function untilSettled(
  { on }: Scene,
  { fleet, say }: { fleet: Fleet; say: (line: string) => void },
): Promise<number | null> {
  const { courier } = on.tenant.notifier;
  try {
    const ms = await until(() => isRight(on), { withinMs: PATIENCE_MS });
    say(`right ${seconds(ms)} s after the last kill`);
    let left = '';
    const settled = async (): Promise<boolean> => {
      const { jobs, queues } = await status(on);
      const behind = jobs.reduce((sum, job) => sum + job.behind, 0);
      // While a ledger is new, changed people without a mailbox are looked for an hour later: nobody waits for that.
      const waiting = queues.reduce(
        (sum, { name, due, delayed, held }) => sum + due + held + (name === 'changes' ? 0 : delayed),
        0,
      );
      left = `${courier.inFlight} posts in flight, ${behind} contacts behind, queues ${JSON.stringify(queues)}`;
      return courier.inFlight + behind + waiting === 0 && isRight(on);
    };
    await until(settled, { withinMs: PATIENCE_MS, else: () => left });
    return seconds(ms);
  } catch (error) {
    say(`${String(error)}\n${JSON.stringify(on.compare().divergences.slice(0, 5))}\n${fleet.said()}`);
    return null;
  }
}

/** The live way still works: seconds from a change to its being everywhere. */
export async function oneMoreChange(on: Installation): Promise<number | null> {
  const person = on.population.owners.at(0);
  on.tenant.directory.updateUser(person?.id ?? '', { jobTitle: 'Changed when all was quiet again' });
  return until(() => isRight(on), { withinMs: 60_000 }).then(seconds, () => null);
}

/** Everything that is counted at the end; stops the fleet. */
export async function whatIsWrong(
  scene: Scene,
  found: {
    fleet: Fleet;
    afterlives: Afterlives;
    foreign: Map<string, string>;
    values: Set<string>;
    say: (line: string) => void;
  },
) {
  const { on, bus, folders, forwarder } = scene;
  const { fleet, afterlives, foreign, values, say } = found;
  const depths = await Promise.all([bus.ask('depth changes'), bus.ask('depth writes')]);
  const { ownEnds } = fleet;
  const { foundBySweep } = await status(on);
  const ends = await fleet.stop();
  const { divergences, duplicates, foreignTouched, contacts } = on.compare();
  const { violations } = on.tenant.oracles;
  const blamed = violations.filter((violation) => !afterlives.excuses(violation));
  const after = foreignContacts(on.tenant);
  const touched = [...foreign].filter(([key, value]) => after.get(key) !== value).length;
  const bad = ends.filter(({ code }) => code !== 0);
  for (const one of ownEnds) say(`ended by itself: ${one}`);
  for (const one of blamed.slice(0, 20)) say(`violation: ${JSON.stringify(one)}`);
  for (const { code, signal, stderr } of bad) say(`ended with ${code ?? signal}: ${stderr.slice(-1_000)}`);
  let leaked = 0;
  for (const folder of folders) leaked += await personalDataAtRest([folder], [...values]);
  const { delivered, failed } = on.tenant.notifier.courier;
  return {
    losses: divergences.length,
    duplicates,
    foreignTouched: Math.max(foreignTouched, touched),
    violations: blamed.length,
    deadLetters: depths.reduce((sum, { dead = 0 }) => sum + dead, 0),
    personalDataAtRest: leaked,
    badEnds: bad.length,
    starts: fleet.starts,
    ownEnds: ownEnds.length,
    mailboxes: [...on.tenant.mailboxes.all()].length,
    contacts,
    foundBySweep,
    posts: { delivered, failed, badGateway: forwarder.refused() },
    excused: violations.length - blamed.length,
  };
}

/** Of milliseconds, to the tenth. */
export function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
