import { many } from '../kit/counted.ts';
import type { Subject, SubjectOrder, SubjectReport } from '../run/subject/report.ts';

/** A page of them is read; `--json` has all. */
const SHOWN = 50;

export function subjectText({ subjects }: SubjectReport): string {
  return `${subjects
    .flatMap((one) => [...linesOf(one), ''])
    .join('\n')
    .trimEnd()}\n`;
}

function linesOf(one: Subject): string[] {
  const { keptOut, cards, contacts } = one;
  const mailboxes = new Set(contacts.map(({ tenant, mailbox }) => `${tenant}|${mailbox}`)).size;
  return [
    `${nameOf(one)}: ${many(contacts.length, 'contact')} in ${many(mailboxes, 'mailbox', 'mailboxes')}`,
    ...(keptOut === null
      ? []
      : [
          keptOut.by === 'order'
            ? `  erased and kept out since ${keptOut.since}, until: contact-sync subject ${one.id} --restore`
            : `  kept out since ${keptOut.since} (compliance.keepOut in the configuration)`,
        ]),
    ...cards.map(({ job, route, state, fields }) => {
      const what = fields === null ? 'the job left the configuration' : `writes ${fields.join(', ')}`;
      return `  job ${route === job ? job : `${job} (${route})`}: ${state}; ${what}`;
    }),
    ...contacts.slice(0, SHOWN).map((contact) => {
      const { tenant, mailbox, folder, item, origin, state, picture, route } = contact;
      return (
        `  mailbox ${mailbox} of ${tenant}, folder ${folder ?? 'not known yet'}, item ${item ?? 'not known yet'}: ` +
        `${origin}, ${state}${picture ? ', with a picture' : ''} (${route})`
      );
    }),
    ...(contacts.length > SHOWN
      ? [`  and ${many(contacts.length - SHOWN, 'more contact')}: --json shows all`]
      : []),
  ];
}

function nameOf({ id, tenant, sharedBy }: Pick<Subject, 'id' | 'tenant' | 'sharedBy'>): string {
  return sharedBy === null
    ? `Person ${id} of ${tenant}`
    : `Shared contact ${id} of ${tenant} (job ${sharedBy})`;
}

/** What is asked before it is done. */
export function whatGoes({ subjects }: SubjectReport): string {
  return subjects
    .map(
      (one) =>
        `${nameOf(one)}: ${many(one.contacts.length, 'contact')} will be removed, originals keep what they hold and lose our mark, and nobody shows them again.`,
    )
    .join('\n');
}

export function erasedText({ subjects }: SubjectOrder, file: string): string {
  const keepOut = [...new Set(subjects.flatMap((one) => one.keepOut))];
  return `${[
    ...subjects.map(
      (one) =>
        `${nameOf(one)}: ${many(one.contacts, 'contact')} ${one.contacts === 1 ? 'is' : 'are'} being removed, and the person is kept out.`,
    ),
    'A running service does so within a minute, the next one at its start; "contact-sync subject" shows what is left.',
    `The ledger remembers it. So that a lost ledger does not forget it, put into ${file}:`,
    'compliance:',
    `  keepOut: [${keepOut.map((id) => `'${id}'`).join(', ')}]`,
  ].join('\n')}\n`;
}

export function restoredText({ subjects }: SubjectOrder): string {
  return `${[
    ...subjects.map((one) => `${nameOf(one)}: kept out no longer.`),
    'Whoever is in scope is shown again by a running service within a minute, or by the next one.',
  ].join('\n')}\n`;
}
