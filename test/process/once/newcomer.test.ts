import { existsSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { makeAppCertificate } from '../../tenant/certificates.ts';
import { contactWrites } from '../../tenant/counts.ts';
import { consult, troubles } from '../consultation.ts';
import { install, type Installation } from '../installation.ts';

/*
 * Somebody with nothing goes through "First steps" of the README. What is typed there is what runs here; only the ids are
 * the simulated tenant's, as they would be somebody's own.
 */

const read = (file: string): string => readFileSync(path.join(import.meta.dirname, '../../..', file), 'utf8');
const [, steps = ''] = /\n## First steps with a real tenant\n([\s\S]*?)\n## /.exec(read('README.md')) ?? [];
const blocks = (language: string): string[] =>
  [...steps.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) =>
    text.replaceAll(/^ {3}/gm, ''),
  );
/** The words after `contact-sync --`, without what a shell does with the output. */
const typed = blocks('sh').flatMap((text) =>
  [...text.matchAll(/^npm run (?:-s )?contact-sync -- ([^>#\n]+)/gm)].map(([, words = '']) =>
    words.trim().split(/\s+/),
  ),
);

interface Written {
  tenants: { contoso: Record<string, unknown> };
  jobs: { staff: { source: { groups: string[] } } };
}

let on: Installation;
let planned = 0;
beforeAll(async () => {
  on = await install({ people: 20, mailboxes: 5, seed: 71 });
});
afterAll(() => on.close());

/** As typed, but for the place of the file. */
const type = (at: number) => {
  const [command = '', ...words] = typed[at] ?? [];
  return on.run(command, ...words);
};

describe('the first steps of the README', () => {
  test('are there to be walked', () => {
    expect(typed).toEqual([['init'], ['doctor'], ['plan'], ['plan', '--csv'], ['sync', '--once'], ['run']]);
  });

  test('init makes a certificate and a configuration, and asks nobody where nobody is', async () => {
    const file = path.join(on.folder, 'contact-sync.yaml');
    const kept = await readFile(file, 'utf8');
    await rm(file);
    const { code, stdout, stderr } = await type(0);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Upload certificate: contoso.crt');
    const shown = await type(1);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toContain('clientId is still to be filled in');
    // As in the admin center; the ids of the simulated tenant stand in the file that was there before.
    on.tenant.registerCertificate(await readFile(path.join(on.folder, 'contoso.crt'), 'utf8'));
    await writeFile(file, kept);
  });

  test("the configuration is taken as it stands, with one's own ids in it", async () => {
    const [yaml = ''] = blocks('yaml');
    const file = path.join(on.folder, 'contact-sync.yaml');
    const { tenants: ours } = parse(await readFile(file, 'utf8')) as Written;
    const written = parse(yaml) as Written;
    expect(Object.keys(written.tenants.contoso)).toEqual(['tenantId', 'clientId', 'credential']);
    const { tenantId, clientId, cloud } = ours.contoso;
    Object.assign(written.tenants.contoso, { tenantId, clientId, cloud });
    written.jobs.staff.source.groups = [on.population.source.id];
    await writeFile(file, stringify(written));
  });

  test('the doctor finds nothing wrong', async () => {
    const seen = await consult(on);
    expect(troubles(seen)).toEqual([]);
    expect(seen.code).toBe(0);
    expect((await type(1)).stdout).toMatch(/\nNothing is wrong in \d+ lines, \d+ not looked at\.\n$/);
  });

  test('the plan is there to be read, and nothing was written', async () => {
    const plan = await type(2);
    expect(plan).toMatchObject({ code: 0, stderr: '' });
    expect(plan.stdout).toContain('Job staff: 20 people shown in 3 mailboxes');
    planned = Number(/contacts: (\d+) to create/.exec(plan.stdout)?.[1]);
    expect(plan.stdout).toMatch(/Planned in .*; nothing was written\.\n$/);
    const csv = await type(3);
    expect(csv.stdout.split('\r\n')).toHaveLength(1 + 20 + 3 + 1);
    expect(existsSync(path.join(on.folder, 'data'))).toBe(false);
    expect(on.tenant.denials).toEqual(new Map());
  });

  test('what the run then does is what the plan said', async () => {
    expect(await type(4)).toMatchObject({ code: 0 });
    expect(contactWrites(on.tenant.counts)).toBe(planned);
    const filled = on.population.owners.filter(({ id }) =>
      on.tenant.mailboxes.get(id).folderNamed('Company Directory'),
    );
    expect(filled).toHaveLength(3);
    expect(on.tenant.oracles.violations).toEqual([]);
  });
});

describe('a step that was left out is named', () => {
  test.each([
    [['Group.Read.All', 'Contacts.ReadWrite'], 'Authorization_RequestDenied'],
    [['User.Read.All', 'Contacts.ReadWrite'], 'Authorization_RequestDenied'],
  ])('the plan fails with %j alone', async (roles, code) => {
    const other = await install({ people: 8, mailboxes: 2, seed: 72, roles });
    await other.configure({ port: undefined });
    const plan = await other.run('plan');
    await other.close();
    expect(plan.code).toBe(1);
    expect(plan.stderr).toContain(code);
    expect(plan.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('and names the mailboxes that Contacts.ReadWrite is missing for', async () => {
    const other = await install({
      people: 8,
      mailboxes: 2,
      seed: 73,
      roles: ['User.Read.All', 'Group.Read.All'],
    });
    await other.configure({ port: undefined });
    const plan = await other.run('plan');
    await other.close();
    expect(plan.stdout).toContain('2 mailboxes of contoso could not be looked at: ErrorAccessDenied');
  });

  test('the certificate was not uploaded', async () => {
    const { pem } = await makeAppCertificate();
    await writeFile(path.join(on.folder, 'contoso.pem'), pem, { mode: 0o600 });
    const plan = await type(2);
    expect(plan.code).toBe(1);
    expect(plan.stderr).toMatch(/check tenantId, clientId and the certificate of the app registration\n$/);
  });
});
