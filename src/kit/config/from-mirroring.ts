import { GUID, idOf, quoted, type Imported } from './imported.ts';
import { lastingIdOf, lastingLines, lastingSecrets } from './lasting-names.ts';
import { readMirroring, type Key, type MirroredTenant, type Variables } from './mirroring-variables.ts';
import { NO_ID } from './no-id.ts';

/** What the script did and this program does not, whatever the configuration. */
const CHANGES = [
  'Private contacts stay with their owner from now on: the script gave them to everybody (see "private" of the job).',
  'Notes and categories are their owner\'s own, and are not shared any more; the tags that the script put into notes stay there, and go on saying who edited a contact last (see "stampNotes" of the job).',
];

export interface FromMirroring extends Imported {
  /** What is left to be filled in. */
  readonly open: readonly Open[];
  /** Which variable asks for a run that writes nothing; null where none does. */
  readonly dryRun: string | null;
  /** Of each tenant: where its client secret was looked for, and the certificate that is used where that was empty. */
  readonly credentials: readonly { readonly from: string; readonly certificate: string | null }[];
}

interface Open {
  /** Where it stands in the configuration. */
  readonly at: string;
  /** The variable, and what is wrong with it. */
  readonly why: string;
}

/**
 * The variables of the mirroring script, in this program's words: a job for each tenant. What only the directory can tell, the object
 * ids of mailboxes that are named by their addresses, is left to be filled in, and said. Throws a `SyntaxError` for what is no
 * such configuration; no message quotes a secret.
 *
 * `names`: for people who read the file, or such as follow from the ids in the variables alone, so that whoever has nothing but
 * the variables finds the same contacts again.
 */
export function fromMirroring(variables: Variables, names: 'readable' | 'lasting'): FromMirroring {
  const notes: string[] = [];
  const { tenants, dryRun } = readMirroring(variables, notes);
  refuseTwice(tenants);
  const isLasting = names === 'lasting';
  const named: Named[] = [];
  for (const [at, tenant] of tenants.entries()) {
    const taken = named.map(({ id }) => id);
    const name = isLasting ? lastingIdOf(tenant) : nameOf(tenant);
    named.push({ tenant, id: idOf(name, at === 0 ? 'tenant' : `tenant-${at + 1}`, taken) });
  }
  const open: Open[] = [];
  const lines = [
    '# Made from the variables of the mirroring script. Before the first run: contact-sync doctor, then contact-sync plan',
    ...(isLasting ? lastingLines(tenants, variables) : []),
    'tenants:',
    ...named.flatMap((one) => tenantLines(one, open)),
    'jobs:',
    ...named.flatMap((one) => jobLines(one, open)),
    '',
  ];
  return {
    yaml: lines.join('\n'),
    secrets: [
      ...named.flatMap(({ id, tenant }) => {
        const text = tenant.value('ClientSecret');
        return text === '' ? [] : [{ file: secretOf(id), text }];
      }),
      ...(isLasting ? lastingSecrets(tenants, variables) : []),
    ],
    notes: [...notes, ...CHANGES],
    open,
    dryRun,
    credentials: named.map(({ id, tenant }) => ({
      from: tenant.from('ClientSecret'),
      certificate: tenant.value('ClientSecret') === '' ? certificateOf(id) : null,
    })),
  };
}

interface Named {
  readonly tenant: MirroredTenant;
  readonly id: string;
}

function tenantLines({ tenant, id }: Named, open: Open[]): string[] {
  const client = tenant.value('ClientId');
  if (!GUID.test(client)) throw new SyntaxError(`${tenant.from('ClientId')} is missing, or is no GUID`);
  const secret = tenant.from('ClientSecret');
  return [
    `  ${id}:`,
    `    tenantId: ${idFor({ tenant, key: 'TenantId', at: `tenants.${id}.tenantId` }, open)}`,
    `    clientId: ${client.toLowerCase()} # ${tenant.from('ClientId')}`,
    ...(tenant.value('ClientSecret') === ''
      ? [
          `    credential: { certificate: ${certificateOf(id)} } # ${secret} was empty: put a certificate here`,
        ]
      : [
          `    credential: { clientSecret: "file:./${secretOf(id)}" } # ${secret}; better a certificate`,
          '    allowClientSecret: true',
        ]),
  ];
}

function jobLines({ tenant, id }: Named, open: Open[]): string[] {
  const job = `${id}-contacts`;
  const members = memberLines({ tenant, id: job }, open);
  const hub = idFor({ tenant, key: 'GlobalAddressBookUserId', at: `jobs.${job}.hub.mailbox` }, open);
  return [
    `  ${job}:`,
    '    kind: mirror',
    `    tenant: ${id}`,
    ...members,
    '    hub:',
    `      mailbox: ${hub}`,
    '      folder: All Contacts # as the script called it',
    '    onDelete: keep # the script deleted nothing, and brought back what others did; see deploy/mirror.md',
    '    updateExisting: true # some copies of the script only added contacts: that is false',
    '    stampNotes: true # its tags in the notes are kept up to date; false: they stay as they are; see deploy/mirror.md',
  ];
}

function memberLines({ tenant: { testUsers }, id }: Named, open: Open[]): string[] {
  if (testUsers === null)
    return ['    members: { mailboxes: licensed } # no list of test users: everybody with a licence'];
  return [
    '    members:',
    '      mailboxes:',
    `        users: # ${oneLine(testUsers.from)}; instead of the list, later: mailboxes: licensed`,
    ...testUsers.list.map((user, at) => {
      if (GUID.test(user)) return `          - ${user.toLowerCase()}`;
      const why = `${oneLine(testUsers.from)}[${at}] ${NO_GUID}`;
      open.push({ at: `jobs.${id}.members.mailboxes.users.${at + 1}`, why });
      return `          - ${NO_ID} # ${OBJECT_ID} ${quoted(user)}`;
    }),
  ];
}

const NO_GUID = 'is no GUID: mailboxes and tenants are known by their ids, put the Object ID there';
const OBJECT_ID = 'put the Object ID here, which the admin center shows, of';

interface Wanted {
  readonly tenant: MirroredTenant;
  readonly key: Key;
  /** Where it stands in the configuration. */
  readonly at: string;
}

/** An id with the comment of where it came from, or its place. */
function idFor({ tenant, key, at }: Wanted, open: Open[]): string {
  const value = tenant.value(key);
  if (GUID.test(value)) return `${value.toLowerCase()} # ${tenant.from(key)}`;
  open.push({ at, why: `${tenant.from(key)} ${value === '' ? 'is missing' : NO_GUID}` });
  if (value === '') return `${NO_ID} # to be filled in: ${tenant.from(key)} was empty`;
  const what = key === 'TenantId' ? 'put the Directory (tenant) ID here, of' : OBJECT_ID;
  return `${NO_ID} # ${what} ${quoted(value)} (${tenant.from(key)})`;
}

/** Two tenants of one id would be refused later, by the name of a line that nobody has seen; and so would two whose ids are both open. */
function refuseTwice(tenants: readonly MirroredTenant[]): void {
  const [, second] = tenants.filter((tenant) => !GUID.test(tenant.value('TenantId')));
  if (second !== undefined)
    throw new SyntaxError(
      `${second.from('TenantId')} is no GUID, and not the only one: put GUIDs there first`,
    );
  const seen = new Set<string>();
  for (const tenant of tenants) {
    const id = tenant.value('TenantId').toLowerCase();
    if (seen.has(id))
      throw new SyntaxError(
        `${tenant.from('TenantId')} names a tenant that was named before: one installation mirrors each once`,
      );
    seen.add(id);
  }
}

/** A comment ends with its line, whatever stands in a value. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function certificateOf(id: string): string {
  return `./${id}.pem`;
}

function secretOf(id: string): string {
  return `${id}-client-secret`;
}

/** The first word of its domain. */
function nameOf(tenant: MirroredTenant): string {
  const [domain = ''] = (['PrimaryDomain', 'TenantDomain', 'TenantId'] as const)
    .map((key) => tenant.value(key))
    .filter((text) => text !== '' && !GUID.test(text));
  return domain.split('.')[0] ?? '';
}
