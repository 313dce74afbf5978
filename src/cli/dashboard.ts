import { Option, type Command } from 'commander';
import type { DashboardLink } from '../run/dashboard-link.ts';
import { EXIT } from './exit-code.ts';
import { UsageFault } from './failure.ts';
import { configOf, settingsOf, withJson, withSettings } from './settings.ts';
import type { World } from './world.ts';

export function addDashboard(program: Command, world: World, done: (code: number) => void): void {
  const dashboard = program
    .command('dashboard')
    .summary('make a link that signs in to the dashboard')
    .description(
      'The dashboard is served by "run" where the configuration has the key "dashboard", or by a process of its own with ' +
        '"run --role dashboard". "link" makes a link that signs in there once; with --reader it opens a session that may only look. ' +
        'Where the configuration has "dashboard.entra", people sign in through Microsoft Entra as well.',
    );
  // The same options before the verb, where some people put them.
  for (const flags of ['--config <file>', '--job <id>', '--debug', '--json'])
    dashboard.addOption(new Option(flags).hideHelp());
  addLink(dashboard, world, done);
}

function addLink(dashboard: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(dashboard.command('link')))
    .option('--reader', 'the link opens a session that may look at everything and change nothing')
    .summary('print a link that signs in once, within five minutes')
    .description(
      'Leaves the hash of a new code in the data folder, in place of an older one, and prints the link with the code, which is ' +
        'kept nowhere. At the name in dashboard.publicUrl the code is typed on the page, since a proxy may log addresses. Start it on the machine of the dashboard, as the user of the service.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync dashboard link\n\nFrom another machine, open the link while this runs there:\n  ssh -L 8090:127.0.0.1:8090 sync.contoso.com',
    )
    .action(async (_options: unknown, command: Command) => {
      const settings = settingsOf(command);
      const config = configOf(settings, world, []);
      const { reader = false } = command.opts<{ reader?: boolean }>();
      const run = await world.loadRun();
      const link = run.dashboardLink(config, world, reader ? 'reader' : 'admin');
      if (link === null)
        throw new UsageFault(
          `there is no dashboard in ${config.file}: add the key dashboard, then start the service anew`,
        );
      world.stdout.write(settings.json ? `${JSON.stringify(link)}\n` : wordsOf(link));
      done(EXIT.fine);
    });
}

/** The code apart where it is to be typed. */
function wordsOf({ url, code, access, expires, elsewhere }: DashboardLink): string {
  const typed = url.includes(code) ? '' : `Code, to be typed there: ${code}\n`;
  const other =
    elsewhere === null
      ? ''
      : `Where that does not lead to it, such as from outside of a container, open ${elsewhere} and type the code: ${code}\n`;
  return `${url}\n${typed}${other}Signs in once, until ${expires}${access === 'reader' ? ', to look only' : ''}.\n`;
}
