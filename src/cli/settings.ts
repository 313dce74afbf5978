import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfig, type Config, type ReadingConfig } from '../kit/config/config.ts';
import { nearMiss } from '../kit/config/near-miss.ts';
import { UsageFault } from './failure.ts';
import type { World } from './world.ts';

/** Options that several commands share, as typed; the same before and after the command's name. */
export interface Settings {
  readonly config: string;
  /** By `--config`; else it is where everybody expects it. */
  readonly isNamed: boolean;
  readonly job: string | undefined;
  readonly json: boolean;
  readonly debug: boolean;
}

const CONFIG = ['--config <file>', 'configuration to use (default: ./contact-sync.yaml)'] as const;
const JOB = ['--job <id>', 'only this job; the others rest, and keep what they have'] as const;
const DEBUG = ['--debug', 'log everything, and show where an error came from'] as const;
const JSON_OUTPUT = ['--json', 'print one JSON document on standard output and nothing else'] as const;

/** Of a command that looks at ledger and queues, or orders something there; files have none. */
export const STORES_ALONE = ['queue', 'ledger'] as const;

/** What every command that works on the installation understands. */
export function withSettings(command: Command): Command {
  return command
    .option(...CONFIG)
    .option(...JOB)
    .option(...DEBUG);
}

export function withJson(command: Command): Command {
  return command.option(...JSON_OUTPUT);
}

export function settingsOf(command: Command): Settings {
  const given = command.optsWithGlobals<Partial<Settings>>();
  return {
    config: given.config ?? 'contact-sync.yaml',
    isNamed: given.config !== undefined,
    job: given.job,
    json: given.json ?? false,
    debug: given.debug ?? false,
  };
}

/**
 * The configuration of a command, with `--job` in it. `secrets`: those that the command uses, since who asks for a status
 * may not have the environment of the service. Throws `ConfigProblems`, `UsageFault`.
 */
export function configOf(settings: Settings, world: World, secrets: ReadingConfig['secrets']): Config {
  if (!existsSync(settings.config)) {
    throw new UsageFault(
      `there is no file ${settings.config}: name yours with --config, or start from deploy/contact-sync.example.yaml`,
    );
  }
  const config = loadConfig(settings.config, world.env, { secrets });
  return { ...config, onlyJob: knownJob(config, settings.job) };
}

/** The job that `--job` names. Throws `UsageFault` where there is none of that id. */
export function knownJob({ jobs, file }: Config, job: string | undefined): string | null {
  if (job === undefined) return null;
  const known = jobs.map(({ id }) => id);
  if (known.includes(job)) return job;
  const meant = nearMiss(job, known);
  throw new UsageFault(
    `there is no job ${job} in ${file}: ${meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`}`,
  );
}
