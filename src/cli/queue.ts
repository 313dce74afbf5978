import type { Command } from 'commander';
import type { Config } from '../kit/config/config.ts';
import type { ServiceBusConfig } from '../kit/config/stores-config.ts';
import type { QueuesReport } from '../run/queue-setup.ts';
import type { Run } from '../run/service.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, withJson, withSettings } from './settings.ts';
import type { World } from './world.ts';

export function addQueue(program: Command, world: World, done: (code: number) => void): void {
  const queue = program
    .command('queue')
    .summary('make or check the queues in Azure Service Bus')
    .description(
      'Makes or checks the two queues that the configuration names under queue.serviceBus. Whoever runs it needs the role ' +
        'Azure Service Bus Data Owner on the namespace; no running process does.',
    );
  withJson(withSettings(queue.command('create')))
    .summary('make the queues that are missing')
    .description(
      'Makes the queues that are missing, with what the program needs, and checks those that are there.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync queue create')
    .action((_options: unknown, command: Command) =>
      carryOut({ command, world, done }, (run) => run.createQueues),
    );
  withJson(withSettings(queue.command('check')))
    .summary('say what is wrong with the queues, and what to do')
    .description(
      'Checks the queues, changes nothing, and says what is wrong with each and what to do about it.',
    )
    .addHelpText('after', '\nExample:\n  contact-sync queue check --json\n\nExits 1 when something is wrong.')
    .action((_options: unknown, command: Command) =>
      carryOut({ command, world, done }, (run) => run.checkQueues),
    );
}

interface Asked {
  readonly command: Command;
  readonly world: World;
  readonly done: (code: number) => void;
}

async function carryOut(
  { command, world, done }: Asked,
  work: (run: Run) => Run['createQueues'],
): Promise<void> {
  const settings = settingsOf(command);
  const config = configOf(settings, world, ['queue']);
  refuseFiles(config);
  const report = await work(await world.loadRun())(config, world);
  world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : text(report));
  done(report.findings.length === 0 ? EXIT.fine : EXIT.failed);
}

function refuseFiles(config: Config): asserts config is Config & { readonly queue: ServiceBusConfig } {
  if (config.queue.kind === 'serviceBus') return;
  throw new UsageFault(
    `${config.file} names no Service Bus: its queue is a file of the data folder, which needs no making`,
  );
}

function text({ queues, created, findings }: QueuesReport): string {
  const lines = queues.flatMap((queue) => {
    const wrong = findings.filter((finding) => finding.queue === queue);
    const state = wrong.length > 0 ? 'wrong' : created.includes(queue) ? 'created' : 'right';
    return [
      `Queue ${queue}: ${state}`,
      ...wrong.map((finding) => `  ${finding.wrong}\n    remedy: ${finding.remedy}`),
    ];
  });
  return `${lines.join('\n')}\n`;
}
