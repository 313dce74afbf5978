import type { Command } from 'commander';
import { nearMiss } from '../kit/config/near-miss.ts';
import type { Config } from '../kit/config/config.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, STORES_ALONE, withJson, withSettings } from './settings.ts';
import type { World } from './world.ts';

const TENANT = ['--tenant <id>', 'every job of this tenant, as it is called in the configuration'] as const;

type Scope = { readonly kind: 'all' } | { readonly kind: 'tenant' | 'job'; readonly name: string };

export function addPause(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('pause')))
    .option(...TENANT)
    .summary('stop writing at once: one job, one tenant, or all')
    .description(
      'Nothing is written to any mailbox any more, within about a second, also by a service that is running. Changes ' +
        'go on being received, and nothing is lost: "resume" brings everything up to date. It holds until then, ' +
        'over restarts, too.',
    )
    .addHelpText('after', '\nExamples:\n  contact-sync pause\n  contact-sync pause --job staff')
    .action(async (_options: unknown, command: Command) => {
      const { config, scope, json } = asked(command, world);
      const run = await world.loadRun();
      await run.pause(config, scope);
      const plain = `Paused: ${spelled(scope)}. Go on with: contact-sync resume${argument(scope)}\n`;
      world.stdout.write(json ? `${JSON.stringify({ paused: scope })}\n` : plain);
      done(EXIT.fine);
    });
}

export function addResume(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('resume')))
    .option(...TENANT)
    .summary('go on after a pause, or fill a reverted job anew')
    .description(
      'Takes up again what was paused: one job, one tenant, or, without an option, all of it. A job that was reverted is ' +
        'taken up only by its name, and fills its mailboxes anew.',
    )
    .addHelpText('after', '\nExamples:\n  contact-sync resume\n  contact-sync resume --job staff')
    .action(async (_options: unknown, command: Command) => {
      const { config, scope, json } = asked(command, world);
      const run = await world.loadRun();
      const resumed = await run.resume(config, scope);
      const plain = resumed ? `Resumed: ${spelled(scope)}.\n` : `Not stopped: ${spelled(scope)}.\n`;
      world.stdout.write(json ? `${JSON.stringify({ resumed })}\n` : plain);
      done(EXIT.fine);
    });
}

function asked(command: Command, world: World): { config: Config; scope: Scope; json: boolean } {
  const settings = settingsOf(command);
  const config = configOf(settings, world, STORES_ALONE);
  const { tenant } = command.opts<{ tenant?: string }>();
  if (tenant !== undefined && config.onlyJob !== null)
    throw new UsageFault('name a job or a tenant, not both');
  if (tenant !== undefined) return { config, scope: tenantScope(config, tenant), json: settings.json };
  const { onlyJob } = config;
  return {
    config,
    scope: onlyJob === null ? { kind: 'all' } : { kind: 'job', name: onlyJob },
    json: settings.json,
  };
}

function tenantScope({ tenants, file }: Config, tenant: string): Scope {
  const known = tenants.map(({ id }) => id);
  if (known.includes(tenant)) return { kind: 'tenant', name: tenant };
  const meant = nearMiss(tenant, known);
  throw new UsageFault(
    `there is no tenant ${tenant} in ${file}: ${meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`}`,
  );
}

function spelled(scope: Scope): string {
  return scope.kind === 'all' ? 'everything' : `${scope.kind} ${scope.name}`;
}

function argument(scope: Scope): string {
  return scope.kind === 'all' ? '' : ` --${scope.kind} ${scope.name}`;
}
