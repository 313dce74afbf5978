import { systemClock } from '../../src/kit/clock.ts';
import type { Installation } from '../process/installation.ts';
import type { Ended, Program } from '../process/program.ts';

/** As an orchestrator does: what ends by itself is started again after a moment. */
const AGAIN_MS = 1_000;
const LAST_LINES = 4;

/** A process of the fleet: what it is, and the arguments of `run` that make it that. */
export interface Member {
  readonly name: string;
  readonly role: 'receiver' | 'worker' | 'keeper';
  readonly args: readonly string[];
}

interface Running {
  readonly program: Program;
  /** How long it is to stay away after the end that was ordered; null: nobody ordered one. */
  awayMs: number | null;
  dead: boolean;
}

/** Several processes of the program, which are started again when they have ended, whoever ended them. */
export class Fleet {
  starts = 0;
  /** What ended without having been told to, how long it lived, and the last things that it said. */
  readonly ownEnds: string[] = [];
  readonly #on: Installation;
  readonly #heard: (ended: Ended) => Promise<void>;
  readonly #running = new Map<string, Running>();
  readonly #over = new AbortController();

  /** `heard` is given what every process said, when it has ended. */
  constructor(on: Installation, heard: (ended: Ended) => Promise<void>) {
    this.#on = on;
    this.#heard = heard;
  }

  start(member: Member): void {
    const program = this.#on.start('run', '--role', member.role, ...member.args);
    const bornAt = systemClock.now();
    const running: Running = { program, awayMs: null, dead: false };
    this.#running.set(member.name, running);
    this.starts += 1;
    void program.ended.then(async (ended) => {
      running.dead = true;
      await this.#heard(ended);
      if (this.#over.signal.aborted) return;
      const ageMs = systemClock.now() - bornAt;
      if (running.awayMs === null)
        this.ownEnds.push(`${member.name} (${ended.code}) after ${ageMs} ms: ${lastLines(ended)}`);
      await systemClock.sleep(running.awayMs ?? AGAIN_MS, this.#over.signal).then(
        () => this.start(member),
        () => undefined,
      );
    });
  }

  /** With SIGKILL, and started again so long after; resolves when it is dead, to whether it lived until now. */
  async kill({ name }: Member, awayMs: number): Promise<boolean> {
    const running = this.#running.get(name);
    if (!running) throw new Error(`There is no ${name}.`);
    if (running.dead) return false;
    running.awayMs = awayMs;
    running.program.kill('SIGKILL');
    return (await running.program.ended).signal === 'SIGKILL';
  }

  /** With SIGTERM, all of them; resolves to what each ended with. */
  async stop(): Promise<Ended[]> {
    this.#over.abort();
    const all = [...this.#running.values()];
    for (const { program } of all) program.kill('SIGTERM');
    return Promise.all(all.map(({ program }) => program.ended));
  }

  /** The end of what each says now. */
  said(): string {
    return [...this.#running]
      .map(([name, { program }]) => `--- ${name}\n${program.said().slice(-1_500)}`)
      .join('\n');
  }
}

function lastLines({ stderr }: Ended): string {
  return stderr.trim().split('\n').slice(-LAST_LINES).join('\n  ');
}
