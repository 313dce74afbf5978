import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { execute } from '../../src/cli/program.ts';
import type { Ropa } from '../../src/run/ropa/report.ts';
import { fakeWorld } from './fake-world.ts';

const GROUP = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const HUB = '9c4e33aa-0b7e-4f5e-bd0d-3a8f6a9c4e33';

/** A job of each kind, in both shapes; nothing that it names is there. */
function file({ compliance = '', stores = '' } = {}): string {
  return `tenants:
  contoso:
    tenantId: 7b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a11
    clientId: c0a8f3d2-6f57-4b8e-8a3c-94f1f0b7e822
    credential: { certificate: env:NOT_THERE }
  fabrikam:
    tenantId: 1b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a22
    clientId: d0a8f3d2-6f57-4b8e-8a3c-94f1f0b7e822
    credential: { managedIdentity: {} }
    exchange: {}
jobs:
  staff:
    kind: directory
    tenant: contoso
    source: { groups: [${GROUP}], orgContacts: true }
    target: { mailboxes: licensed }
    folder: Company Directory
    fields: { department: null, officeLocation: '{city} | {officeLocation}' }
    photos: true
    optOut: [{ fields: [mobilePhone], groups: [${HUB}] }]
  partners:
    kind: cross-tenant
    tenant: contoso
    source: { groups: [${GROUP}] }
    target: { tenant: fabrikam }
    grace: 3d
    guard: { count: 5, percent: 2 }
  shared:
    kind: mirror
    tenant: contoso
    members: { mailboxes: licensed }
    hub: { mailbox: ${HUB} }
    onDelete: everywhere
${stores}${compliance}`;
}

const SHARED = `queue: { serviceBus: { namespace: contoso.servicebus.windows.net } }
ledger: { postgres: { url: env:LEDGER_URL } }
deployment: production
fingerprintKey: env:FINGERPRINTS
`;

const COMPLETE = `compliance:
  controller:
    name: Contoso Ltd.
    address: 1 Example Street, Exampletown
    contact: privacy@contoso.example
    protectionOfficer: none is required
  legalBasis: legitimate interest (Art. 6 (1) (f))
  location: own data centre in Germany
  logs: journald, 30 days
  transfers: none
  record: { days: 90 }
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-ropa-'));
});

async function ropa(text: string, ...args: string[]) {
  const config = path.join(folder, 'contact-sync.yaml');
  writeFileSync(config, text);
  const { world, seen } = fakeWorld();
  const code = await execute(['ropa', '--config', config, ...args], world);
  return { code, ...seen };
}

async function record(text: string): Promise<Ropa> {
  const { code, stdout } = await ropa(text, '--json');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Ropa;
}

function job(id: string, { activities }: Ropa): Ropa['activities'][number] {
  const found = activities.find((one) => one.job === id);
  if (!found) throw new Error(`no activity ${id}`);
  return found;
}

describe('ropa', () => {
  test('needs neither a service nor a ledger nor a secret, in both shapes', async () => {
    const files = await record(file());
    const shared = await record(file({ stores: SHARED }));
    expect(files.kept.map(({ where }) => where).slice(0, 2)).toEqual([
      'ledger (SQLite file in the data folder)',
      'queue (SQLite file in the data folder)',
    ]);
    expect(shared.kept.map(({ where }) => where).slice(0, 2)).toEqual([
      'ledger (PostgreSQL)',
      'queue (Azure Service Bus)',
    ]);
    for (const { kept } of [files, shared])
      expect(kept.map(({ where }) => where)).toContainEqual(expect.stringContaining('compliance.keepOut'));
  });

  test('names exactly the fields that are mapped, and what is withheld', async () => {
    const { data } = job('staff', await record(file()));
    expect(data.fields).toContain('officeLocation');
    expect(data.fields).not.toContain('department');
    expect(data.fields).not.toContain('birthday');
    expect(data.photos).toBe(true);
    expect(data.read).toEqual(expect.arrayContaining(['id', 'city', 'officeLocation']));
    expect(data.read).not.toContain('department');
    expect(data.withheld).toEqual([{ fields: ['mobilePhone'], groups: [HUB] }]);
    const shared = job('shared', await record(file())).data;
    expect(shared.fields).not.toContain('personalNotes');
    expect(shared.photos).toBe(false);
  });

  test('says of each job who is concerned, who receives, and when it goes', async () => {
    const all = await record(file());
    expect(all.activities.map(({ job: id, kind }) => [id, kind])).toEqual([
      ['staff', 'directory'],
      ['partners', 'cross-tenant'],
      ['shared', 'mirror'],
    ]);
    expect(
      job('staff', all)
        .people.map(({ rules }) => rules.join())
        .join(),
    ).toContain(GROUP);
    expect(job('staff', all).people.map(({ who }) => who)).toContain(
      'Contacts of the organisation: partners and other outsiders',
    );
    const partners = job('partners', all);
    expect(partners.recipients.join()).toContain('1b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a22');
    expect(partners.erasure.join()).toContain('3 days after the change');
    expect(partners.erasure.join()).toContain('More than 5 removals, and more than 2 percent');
    expect(partners.transfers.join()).toContain('From the tenant contoso to the tenant fabrikam');
    expect(job('staff', all).transfers.join()).toContain('does not leave the tenant');
    expect(job('shared', all).erasure.join()).toContain('onDelete: everywhere');
    expect(job('shared', all).recipients.join()).toContain(HUB);
  });

  test('names the permissions and the credential of each tenant, and none that is not asked for', async () => {
    const { safeguards } = await record(file());
    const what = safeguards.map((one) => one.what);
    expect(what).toContain('Permission OrgContact.Read.All in the tenant contoso');
    expect(what).toContain('Permission User.Read.All in the tenant fabrikam');
    expect(what).not.toContain('Permission Contacts.ReadWrite in the tenant fabrikam');
    expect(safeguards.find((one) => one.what === 'Credential in the tenant fabrikam')?.how).toContain(
      'no secret is kept',
    );
  });

  test('contacts that cannot be removed for good are said to go to Deleted Items', async () => {
    const china = file().replace('    clientId: c0a8', '    cloud: china\n    clientId: c0a8');
    expect(job('staff', await record(china)).erasure.join()).toContain('go to Deleted Items');
    expect(job('staff', await record(file())).erasure.join()).toContain('past Deleted Items');
  });

  test('says what only the administrator knows, until it is filled in', async () => {
    const open = await ropa(file());
    expect(open.code).toBe(0);
    expect(open.stderr).toContain('8 entries to be filled in: compliance.controller.name');
    expect(open.stdout).toContain('| Name | **to be filled in** |');
    expect(open.stdout).toContain('- `compliance.legalBasis`: why the processing is lawful');
    const complete = await ropa(file({ compliance: COMPLETE }));
    expect(complete.stderr).toBe('');
    expect(complete.stdout).not.toContain('to be filled in');
    expect(complete.stdout).toContain('| Name | Contoso Ltd. |');
    expect(complete.stdout).toContain('for 90 days');
  });

  test('is Markdown in which no cell breaks a table', async () => {
    const { stdout } = await ropa(file({ compliance: COMPLETE }));
    const rows = stdout.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect([3, 4]).toContain(row.split('|').length - 1);
    expect(stdout.match(/^# /gm)).toHaveLength(1);
    expect(stdout.match(/^## Job /gm)).toHaveLength(3);
  });

  test('one job alone, by --job', async () => {
    const { stdout } = await ropa(file(), '--job', 'partners');
    expect(stdout.match(/^## Job .*/gm)).toEqual(['## Job partners (cross-tenant)']);
  });

  test('writes a file, and never over one that is there', async () => {
    const output = path.join(folder, 'record.md');
    const first = await ropa(file(), '--output', output);
    expect([first.code, first.stdout]).toEqual([0, '']);
    const text = readFileSync(output, 'utf8');
    expect(text).toContain('# Record of processing activities');
    const again = await ropa(file(), '--output', output);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('is there already, and was left as it is');
    expect(readFileSync(output, 'utf8')).toBe(text);
    const nowhere = await ropa(file(), '--output', path.join(folder, 'no', 'record.md'));
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain('cannot be written (ENOENT)');
  });
});

describe('compliance in the configuration', () => {
  test.each([
    ['keepOut: [ann@contoso.com]', 'compliance.keepOut.1'],
    ['keepOut: [1234567890123456]', 'compliance.keepOut.1'],
    ['record: { days: -1 }', 'compliance.record.days'],
    ['controller: { nmae: Contoso }', 'compliance.controller.nmae'],
  ])('%s is refused', async (line, key) => {
    const { code, stderr } = await ropa(file({ compliance: `compliance:\n  ${line}\n` }));
    expect(code).toBe(2);
    expect(stderr).toContain(key);
  });
});
