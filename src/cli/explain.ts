import type { Command } from 'commander';
import { many } from '../kit/counted.ts';
import type { ExplainedJob, ExplainReport } from '../run/explain/report.ts';
import { EXIT } from './exit-code.ts';
import { setbackLine } from './setback-lines.ts';
import { configOf, settingsOf, withJson, withSettings } from './settings.ts';
import type { World } from './world.ts';

export function addExplain(program: Command, world: World, done: (code: number) => void): void {
  withJson(withSettings(program.command('explain')))
    .argument(
      '<person>',
      'object id or user principal name of somebody who is, or is not, shown; of a contact that mailboxes share, an address of it, ' +
        'its name where it has none, or its SyncId',
    )
    .argument(
      '[mailbox]',
      "the same of the mailbox's owner, or a tenant in whose Exchange people are shown; without it, every such tenant",
    )
    .summary('say why somebody is, or is not, in a mailbox, and what happens next')
    .description(
      'Reads the person, the owner and the contact afresh, and says of each rule in its order how they stand to it, what the ledger ' +
        'knows of card, mailbox and contact, which fields are filled, empty or withheld, what does not succeed, and what happens ' +
        'next. Groups are those that the service knows. It names rules, fields and object ids, and no value of anybody; it writes ' +
        'nothing anywhere, and may run beside a running service.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  contact-sync explain ann@contoso.com bob@contoso.com\n\n' +
        'A contact that mailboxes share:\n  contact-sync explain plumber@plumbing.example bob@contoso.com\n\n' +
        'Across tenants:\n  contact-sync explain ann@contoso.com fabrikam --json\n\n' +
        'Exits 0 when it could be explained, and 1 when something could not be read or nobody is called so.',
    )
    .action(async (...[, , , command]: [string, string | undefined, unknown, Command]) => {
      const [person = '', mailbox] = command.args;
      const settings = settingsOf(command);
      const config = configOf(settings, world, ['tenants', 'fingerprints', 'ledger']);
      const run = await world.loadRun();
      const { clock, random, transport } = world;
      const log = world.openLog(settings.debug ? 'debug' : 'error');
      const asked = { person, mailbox: mailbox ?? null };
      const report = await run.explain(config, { clock, random, transport, log }, asked);
      world.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : text(report));
      done(report.jobs.some(({ unread }) => unread) ? EXIT.failed : EXIT.fine);
    });
}

function text({ jobs, notTakenUp, withdrawn, sweeps }: ExplainReport): string {
  const lines = jobs.flatMap((job) => [...jobLines(job), '']);
  for (const { tenant, lastSweep } of sweeps)
    lines.push(`Last sweep of ${tenant}: ${lastSweep ?? 'none yet'}`);
  for (const job of notTakenUp)
    lines.push(`Job ${job}: the service does not work on it yet; the next start takes it up`);
  for (const job of withdrawn)
    lines.push(`Job ${job}: it left the configuration, and what it put into this mailbox is taken back`);
  return `${lines.join('\n').trimEnd()}\n`;
}

function jobLines(one: ExplainedJob): string[] {
  return [
    `Job ${one.route === one.job ? one.job : `${one.job} (${one.route})`}: ${one.answer}`,
    `  next: ${one.next}`,
    ...(one.halt === null ? [] : [`  ${one.halt}`]),
    ...one.throttled.map(
      ({ tenant, scope, until }) => `  throttled: ${tenant} (${scope}) asked to wait until ${until}`,
    ),
    ...personLines(one),
    ...mailboxLines(one),
    ...contactLines(one),
    ...fieldLines(one),
    ...one.setbacks.map((setback) => `  without success: ${setbackLine(setback)}`),
  ];
}

function readLine(
  what: string,
  { id, read, fault, conditions }: ExplainedJob['person'] | ExplainedJob['mailbox'],
): string[] {
  return [
    `  ${what} ${id}: ${fault === null ? read : `${read} (${fault})`}`,
    ...conditions.map(({ rule, asks, met, through }) => {
      const by = through.length === 0 ? '' : ` (in ${through.join(', ')})`;
      return `    ${met ? 'yes' : 'NO '}  ${rule}: ${asks}${by}`;
    }),
  ];
}

function heldLine({ heldSince, heldBecause }: ExplainedJob['person'] | ExplainedJob['mailbox']): string[] {
  if (heldBecause === null) return [];
  return [`    removal held${heldSince === null ? '' : ` since ${heldSince}`}: ${heldBecause}`];
}

function personLines({ person, shared }: ExplainedJob): string[] {
  const { card } = person;
  const known = card?.known === true ? ', as it was read now' : '';
  return [
    ...readLine(shared ? 'shared contact' : 'person', person),
    ...heldLine(person),
    card === null
      ? '    the ledger has no card of them'
      : `    card in the ledger: ${card.state}, revision ${card.revision}, sent to the mailboxes up to ${card.fannedOut}${known}`,
  ];
}

function mailboxLines({ mailbox }: ExplainedJob): string[] {
  const { state, reason, notBefore, place } = mailbox;
  const known = [
    state ?? 'not known to the ledger',
    ...(reason === null ? [] : [reason]),
    ...(notBefore === null ? [] : [`not before ${notBefore}`]),
    ...(place === null
      ? ['no place of this job']
      : [
          `place ${place.state}`,
          `folder ${place.folder}`,
          place.filled ? 'filled' : 'not filled yet',
          ...(place.trusted ? [] : ['its contacts are to be read first']),
        ]),
  ];
  return [...readLine('mailbox', mailbox), ...heldLine(mailbox), `    ${known.join(', ')}`];
}

function contactLines({ contact }: ExplainedJob): string[] {
  const { own, plan, link, restsUntil, verifiedAt, healed } = contact;
  const known =
    link === null
      ? 'none in the ledger'
      : `${link.state}, ${link.origin}, at revision ${link.revision}` +
        (link.attempted === null ? '' : `, a write of ${link.attempted} has no answer`);
  return [
    `  contact: ${known}${plan === null ? '' : `; planned: ${plan}`}`,
    ...(own ? ['    nobody is a contact in their own mailbox (ownContact)'] : []),
    ...(restsUntil === null ? [] : [`    not tried again before ${restsUntil}`]),
    `    the mailbox was last verified: ${verifiedAt ?? 'never yet'}${healed === 0 ? '' : `; a difference was found ${many(healed, 'time')}`}`,
  ];
}

function fieldLines({ fields }: ExplainedJob): string[] {
  const { filled, empty, withheld, found, fault, differing } = fields;
  return [
    `  in the mailbox now: ${fault === null ? found : `${found} (${fault})`}`,
    ...named('filled', filled),
    ...named('empty', empty),
    ...named('withheld by optOut', withheld),
    ...named('different in the mailbox', differing),
  ];
}

function named(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`    ${what}: ${names.join(', ')}`];
}
