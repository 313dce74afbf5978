import type { Command } from 'commander';
import { ConfigProblems, type Config, type SecretPart } from '../kit/config/config.ts';
import type { Examining, Finding } from '../run/doctor/examine.ts';
import { SECRETS, type RoleName } from '../run/role-name.ts';
import { EXIT } from './exit-code.ts';
import { refuseRole, roleOption } from './run.ts';
import { configOf, settingsOf, withJson, withSettings, type Settings } from './settings.ts';
import { many } from '../kit/counted.ts';
import type { World } from './world.ts';

export function addDoctor(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('doctor')))
    .addOption(roleOption('look at what this role needs, and no more'))
    .summary('look at every precondition, and say what to do where one fails')
    .description(
      'Looks at Node, files, certificate, clock, token and its permissions, groups, a mailbox, the public URL with its ' +
        'certificate and the handshake, subscriptions, queue and ledger. One line each; where one fails, the cause and what ' +
        'to do. It writes nothing anywhere, and may run before the first start or beside a running service. Where nobody ' +
        'listens for notifications yet, it does so itself while it tries the handshake. Run it as the user of the service, ' +
        'with its environment.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync doctor\n\nOne process of several:\n  contact-sync doctor --role receiver --json\n\n' +
        'Exits 0 when nothing failed, warnings or not, and 1 when something did.',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { role } = command.opts<{ role: RoleName }>();
      const examined = readable(settings, world, role);
      refuseRole(examined.config, role);
      const run = await world.loadRun();
      const { clock, random, transport, version } = world;
      const log = world.openLog(settings.debug ? 'debug' : 'silent');
      const versions = { program: version, node: process.versions.node };
      const at = new Date(clock.now()).toISOString();
      const onFinding = (finding: Finding): void => {
        if (!settings.json) world.stdout.write(lineOf(finding));
      };
      const findings = await run.examine(
        { ...examined, role, versions, onFinding },
        { clock, random, transport, log },
      );
      const isWell = findings.every(({ state }) => state !== 'failed');
      world.stdout.write(
        settings.json
          ? `${JSON.stringify({ at, well: isWell, role, versions, findings })}\n`
          : `\n${summaryOf(findings)}\n`,
      );
      done(isWell ? EXIT.fine : EXIT.failed);
    });
}

/**
 * The configuration with those secrets that can be read, and what is wrong with the others: one that is missing hides nothing
 * else. Throws `ConfigProblems` for what is wrong with the file itself.
 */
function readable(
  settings: Settings,
  world: World,
  role: RoleName,
): Pick<Examining, 'config' | 'parts' | 'problems'> {
  let config: Config = configOf(settings, world, []);
  const parts: SecretPart[] = [];
  const problems: ConfigProblems['problems'][number][] = [];
  for (const part of SECRETS[role]) {
    try {
      config = configOf(settings, world, [...parts, part]);
      parts.push(part);
    } catch (fault) {
      if (!(fault instanceof ConfigProblems)) throw fault;
      problems.push(...fault.problems);
    }
  }
  return { config, parts: new Set(parts), problems };
}

const MARK: Readonly<Record<Finding['state'], string>> = {
  well: 'ok',
  warning: 'warning',
  failed: 'FAILED',
  skipped: '-',
};

function lineOf({ check, about, state, found, remedy }: Finding): string {
  const where = about === null ? '' : `${about}: `;
  const line = `${MARK[state].padEnd(8)} ${check.padEnd(14)} ${where}${found}\n`;
  return remedy === null ? line : `${line}${' '.repeat(9)}remedy: ${remedy}\n`;
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (state: Finding['state']): number => findings.filter((one) => one.state === state).length;
  const [bad, warnings, skipped] = [count('failed'), count('warning'), count('skipped')];
  const rest = [
    ...(warnings === 0 ? [] : [many(warnings, 'warning')]),
    ...(skipped === 0 ? [] : [`${skipped} not looked at`]),
  ];
  const what =
    bad === 0 ? `Nothing is wrong in ${many(findings.length, 'line')}` : `${many(bad, 'line')} FAILED`;
  return `${[what, ...rest].join(', ')}.`;
}
