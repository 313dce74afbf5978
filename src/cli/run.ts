import { Option, type Command } from 'commander';
import type { Config } from '../kit/config/config.ts';
import { ROLES, SECRETS, type RoleName } from '../run/role-name.ts';
import { toldOf } from '../kit/told.ts';
import { EXIT } from './exit-code.ts';
import { explain, UsageFault } from './failure.ts';
import { settingsOf, withSettings } from './settings.ts';
import type { Running } from '../run/service.ts';
import { withPart, type Part } from './with-service.ts';
import type { World } from './world.ts';

export function addRun(program: Command, world: World, done: (code: number) => void): void {
  withSettings(program.command('run'))
    .addOption(roleOption('what this process does of it, where several share queue and ledger'))
    .option('--event-log', 'write errors and warnings to the Windows Event Log as well (source contact-sync)')
    .summary('keep every mailbox right, until stopped')
    .description(
      'Runs the service: receives notifications (or asks for changes, where none can arrive), keeps the ' +
        'subscriptions, writes the contacts, and sweeps every night. Logs JSON lines on standard error. ' +
        'SIGTERM and Ctrl-C finish what is in hand first; a second one stops at once. Over Azure Service Bus and PostgreSQL ' +
        'it may be several processes: any number of receivers and workers, and keepers of which one is at work and the ' +
        'others stand by. The dashboard may be a process of its own as well, also beside a service over files.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync run --config /etc/contact-sync/contact-sync.yaml\n\nOne process of several:\n  contact-sync run --role worker',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const { role, eventLog = false } = command.opts<{ role: RoleName; eventLog?: boolean }>();
      const also = eventLog ? world.openEventLog() : undefined;
      try {
        await withPart({ settings, world, show: 'log', also }, partOf(role, world), (service, signal) =>
          service.run(signal),
        );
      } catch (error) {
        // Whoever sits at a terminal reads the words alone.
        const log = world.openLog(world.stderr.isTTY === true ? 'silent' : 'error', also);
        log.tell('run-failed', { role, exitCode: explain(error, settings).code, error: toldOf(error) });
        throw error;
      } finally {
        await also?.close();
      }
      done(EXIT.fine);
    });
}

export function roleOption(what: string): Option {
  return new Option('--role <role>', what).choices(ROLES).default('all');
}

function partOf(role: RoleName, world: World): Part<Running> {
  return {
    secrets: SECRETS[role],
    open: async (config, surroundings) => {
      refuseRole(config, role);
      if (role === 'receiver') return (await world.loadReceiver()).openReceiver(config, surroundings);
      const run = await world.loadRun();
      return role === 'dashboard'
        ? run.openDashboard(config, surroundings)
        : run.openService(config, surroundings, role);
    },
  };
}

/** Throws `UsageFault` where the configuration has no such part. */
export function refuseRole({ queue, notifications, dashboard, file }: Config, role: RoleName): void {
  if (role === 'dashboard') {
    if (dashboard !== null) return;
    throw new UsageFault(`there is nothing to serve: ${file} has no dashboard`);
  }
  if (role !== 'all' && queue.kind === 'sqlite')
    throw new UsageFault(
      `--role ${role} is for several processes that share queue and ledger, and ${file} names files: leave --role out, or name serviceBus and postgres there`,
    );
  if (role === 'receiver' && notifications === null)
    throw new UsageFault(`there is nothing to receive: ${file} has no notifications`);
}
