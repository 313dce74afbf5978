import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigProblems, readConfig, type Config } from '../kit/config/config.ts';
import { fromMirroring, type FromMirroring } from '../kit/config/from-mirroring.ts';
import { isYes } from '../kit/config/imported.ts';
import { DEPLOYMENT_VARIABLE, isKeyDerived } from '../kit/config/lasting-names.ts';
import { tellsOfTenants } from '../kit/config/mirroring-variables.ts';
import { UsageFault } from './failure.ts';
import { knownJob, type Settings } from './settings.ts';
import type { World } from './world.ts';

const ALLOW = 'CONTACT_SYNC_ALLOW_CLIENT_SECRET';
const VARIABLES = 'AUTOMATION_SYNCCONTACTS_...';
/** Stands for the file: paths start from the folder that the program was started in. */
const NO_FILE = 'variables of the mirroring script';

export interface Started {
  readonly config: Config;
  /** The variables ask for a run that writes nothing. */
  readonly isDryRun: boolean;
}

/**
 * The configuration that the variables of the mirroring script come to, where there is no file; null where a file counts, or where there
 * are no variables either. What `import mirroring` would write is read as a file is. Says on standard error what it starts from.
 * Throws `UsageFault` for all that the variables leave open.
 */
export function startedFromVariables(settings: Settings, world: World): Started | null {
  const { env, stderr } = world;
  if (!tellsOfTenants(env)) return null;
  const isThere = existsSync(settings.config);
  if (isThere)
    stderr.write(
      `contact-sync: ${settings.config} counts; the variables ${VARIABLES} are there as well, and are ignored\n`,
    );
  if (isThere || settings.isNamed) return null;
  const made = translated(env);
  refuseOpen(made, env);
  const config = loaded(made, env);
  const lines = [
    `there is no ${settings.config}: this starts from the variables ${VARIABLES}`,
    `the deployment is ${config.deployment}; ${DEPLOYMENT_VARIABLE} keeps it, should the first tenant or its mailbox change`,
    ...made.notes,
    ...(made.dryRun === null ? [] : [`${made.dryRun} is set: this is a plan, and nothing is written`]),
  ];
  stderr.write(lines.map((line) => `contact-sync: ${line}\n`).join(''));
  return {
    config: { ...config, onlyJob: knownJob(config, settings.job) },
    isDryRun: made.dryRun !== null,
  };
}

function translated(env: World['env']): FromMirroring {
  try {
    return fromMirroring(env, 'lasting');
  } catch (fault) {
    if (!(fault instanceof SyntaxError)) throw fault;
    throw new UsageFault(`the variables of the mirroring script cannot be used: ${fault.message}`);
  }
}

function refuseOpen({ open, credentials }: FromMirroring, env: World['env']): void {
  const [first, ...others] = open;
  if (first !== undefined)
    throw new UsageFault(`${first.why}${others.length === 0 ? '' : ` (and ${others.length} more)`}`);
  for (const { from, certificate } of credentials) {
    if (certificate !== null && !existsSync(certificate))
      throw new UsageFault(
        `${from} is missing, and there is no certificate with its key in ${certificate} that would take its place`,
      );
    if (certificate === null && !isYes(env[ALLOW] ?? ''))
      throw new UsageFault(
        `${from} is a client secret: whoever reads it, in a log or in the settings of a pipeline, acts as the app from anywhere, ` +
          `with every permission of it, until it expires. Set ${ALLOW}=true to use it all the same; better is a certificate: ` +
          '"contact-sync import mirroring" makes a file in which it can stand',
      );
  }
}

function loaded({ yaml, secrets }: FromMirroring, env: World['env']): Config {
  const file = path.resolve(NO_FILE);
  const inMemory = new Map(secrets.map((one) => [path.resolve(one.file), one.text]));
  try {
    const config = readConfig(yaml, {
      file,
      env,
      readFile: (name) => inMemory.get(name) ?? readFileSync(name, 'utf8'),
      secrets: 'read',
    });
    // Derived from a client secret, which changes: the folder goes on with the key that it began with.
    const { fingerprintKey } = config;
    return isKeyDerived(secrets) && fingerprintKey !== null
      ? { ...config, fingerprintKey: null, firstKey: fingerprintKey }
      : config;
  } catch (fault) {
    if (!(fault instanceof ConfigProblems)) throw fault;
    // Its lines are those of a file that nobody has.
    const what = fault.problems.map(({ path: at, message }) => `${at}: ${message}`).join('; ');
    throw new UsageFault(`what the variables come to cannot be used: ${what}`);
  }
}
