import type { Activity, Ropa } from '../run/ropa/report.ts';

const OPEN = '**to be filled in**';

/** The record as a page of Markdown. */
export function ropaText(ropa: Ropa): string {
  return [
    '# Record of processing activities',
    '',
    `Made by contact-sync from its configuration at ${ropa.at} (GDPR Art. 30 (1)).`,
    '',
    ...openLines(ropa),
    '## Controller',
    '',
    ...table(['', ''], controllerRows(ropa)),
    '',
    ...ropa.activities.flatMap(activityLines),
    '## What the service keeps, and how long',
    '',
    'No names, numbers or addresses: ids, keyed fingerprints and names of fields.',
    '',
    ...table(
      ['where', 'what', 'until'],
      ropa.kept.map(({ where, what, until }) => [where, what, until]),
    ),
    '',
    '## Safeguards',
    '',
    ...table(
      ['measure', 'as configured'],
      ropa.safeguards.map(({ what, how }) => [what, how]),
    ),
    '',
  ].join('\n');
}

function openLines({ toFillIn }: Ropa): string[] {
  if (toFillIn.length === 0) return [];
  return [
    'Only you know these; put them into `contact-sync.yaml`, and ask again:',
    '',
    ...toFillIn.map(({ key, what }) => `- \`${key}\`: ${what}`),
    '',
  ];
}

function controllerRows({ controller, legalBasis, location, transfers }: Ropa): string[][] {
  return [
    ['Name', controller.name ?? OPEN],
    ['Address', controller.address ?? OPEN],
    ['Contact', controller.contact ?? OPEN],
    ['Representative (Art. 27)', controller.representative ?? 'none named'],
    ['Data protection officer', controller.protectionOfficer ?? OPEN],
    ['Legal basis (Art. 6)', legalBasis ?? OPEN],
    ['Where service, ledger and queues are', location ?? OPEN],
    ['Third countries, and the safeguard', transfers ?? OPEN],
  ];
}

function activityLines({ job, kind, purpose, people, data, ...more }: Activity): string[] {
  return [
    `## Job ${job} (${kind})`,
    '',
    purpose,
    '',
    '### Categories of people',
    '',
    ...people.flatMap(({ who, rules }) => [`- ${who}`, ...rules.map((rule) => `  - ${rule}`)]),
    '',
    '### Categories of data',
    '',
    `- Written into contacts: ${data.fields.join(', ')}`,
    `- Pictures: ${data.photos ? 'shown' : 'not touched'}`,
    `- Read for it in the directory, and not kept: ${data.read.join(', ')}`,
    ...data.withheld.map(
      ({ fields, groups }) => `- Empty for members of ${groups.join(', ')}: ${fields.join(', ')}`,
    ),
    '',
    ...section('Recipients', more.recipients),
    ...section('Erasure', more.erasure),
    ...section('Transfers to third countries', more.transfers),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return [`### ${title}`, '', ...lines.map((line) => `- ${line}`), ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '/')).join(' | ')} |`;
}
