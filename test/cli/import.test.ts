import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig, type CrossTenantJobConfig } from '../../src/kit/config/config.ts';
import { fromCtcs } from '../../src/kit/config/from-ctcs.ts';
import { startProgram, type Ended } from '../process/program.ts';

const A = '7b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a11';
const B = '2d4a7f10-8f0e-4a51-9a6e-5b3c1f0e7d22';
const GROUP = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const SECRET = 's3cret & more';

const xml = (runtime: string, filters = ''): string => `<?xml version="1.0"?>
<Configuration>
  <!-- as it comes with the script -->
  <Source>
    <TenantId>${A}</TenantId><TenantName>Contoso Ltd.</TenantName>
    <ClientId>${A}</ClientId><ClientSecret>s3cret &amp; more</ClientSecret>
  </Source>
  <Target>
    <Organization>fabrikam.onmicrosoft.com</Organization><TenantId>${B}</TenantId><TenantName>Fabrikam</TenantName>
    <ExoAppId>${B}</ExoAppId><ExoCertThumbprint>ABCDEF1234567890ABCDEF1234567890ABCDEF12</ExoCertThumbprint>
  </Target>
  <Runtime><StateRoot>C:\\State</StateRoot>${runtime}</Runtime>
  <Filters>${filters}</Filters>
</Configuration>`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function imported(text: string): Promise<{ ended: Ended; job: CrossTenantJobConfig; yaml: string }> {
  const [from, to] = [path.join(folder, 'ctcs.xml'), path.join(folder, 'contact-sync.yaml')];
  await writeFile(from, text);
  const ended = await startProgram(['import', 'ctcs', from, '--to', to], {}).ended;
  const [job] = loadConfig(to, {}).jobs;
  if (job?.kind !== 'cross-tenant') throw new Error(`No job: ${ended.stderr}`);
  return { ended, job, yaml: await readFile(to, 'utf8') };
}

describe('import ctcs', () => {
  test('every field, its secret in a file of its own', async () => {
    const filters = `<IncludeDomains><Domain>contoso.com</Domain></IncludeDomains>
      <ExcludeDomains><Domain>lab.contoso.com</Domain></ExcludeDomains>
      <ServiceAccountPatterns><Pattern>^svc[-_]</Pattern></ServiceAccountPatterns>
      <AttributeFilters><Filter><ObjectType>User</ObjectType>
        <PropertyPath>onPremisesExtensionAttributes.extensionAttribute3</PropertyPath>
        <Operator>Contains</Operator><Value>no.sync</Value></Filter></AttributeFilters>`;
    const { ended, job, yaml } = await imported(xml('', filters));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(job).toMatchObject({
      id: 'contoso-ltd-to-fabrikam',
      tenant: 'contoso-ltd',
      target: { tenant: 'fabrikam' },
      sourceTenantId: A,
    });
    for (const word of [
      'contoso.com',
      'lab.contoso.com',
      '^svc[-_]',
      'extensionAttribute3',
      '(Contoso Ltd.)',
    ])
      expect(JSON.stringify(job)).toContain(JSON.stringify(word).slice(1, -1));
    const secret = path.join(folder, 'contoso-ltd-client-secret');
    expect((await readFile(secret, 'utf8')).trim()).toBe(SECRET);
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect(yaml + ended.stdout).not.toContain('s3cret');
  });

  test('CTCS defect 1: booleans that the script ignored are honoured, and said', async () => {
    const { ended, job } = await imported(
      xml(`<DisableDeletes>true</DisableDeletes><AllowUpnFallback>false</AllowUpnFallback>
        <AppendSourceTenantToDisplayName>false</AppendSourceTenantToDisplayName>`),
    );
    expect(job.guard).toEqual({ count: 0, percent: 0 });
    expect(JSON.stringify(job.mapping)).not.toContain('userPrincipalName');
    expect(JSON.stringify(job.mapping)).not.toContain('(Contoso');
    for (const name of ['DisableDeletes', 'AllowUpnFallback', 'AppendSourceTenantToDisplayName'])
      expect(ended.stdout).toContain(`Runtime/${name} is honoured`);
  });

  test('CTCS defect 2: without any filters and patterns it starts all the same, with everybody', async () => {
    const { job } = await imported(xml('').replace(/<Filters>[\s\S]*<\/Filters>/, ''));
    expect(job.source.where).toEqual({
      kind: 'test',
      attribute: 'userPrincipalName',
      test: { kind: 'exists' },
    });
    expect(job.source.except).toBeUndefined();
  });

  test('a group as its scope; what has no counterpart is said', async () => {
    const runtime = `<SourceUserScopeMode>GroupMembership</SourceUserScopeMode>
      <SourceUserScopeGroupId>${GROUP}</SourceUserScopeGroupId><SourceObjectType>Both</SourceObjectType>
      <TopUsers>10</TopUsers><Unheard>of</Unheard>`;
    const { ended, job } = await imported(xml(runtime));
    expect(job.source.groups).toEqual([GROUP]);
    expect(job.source.mailGroups).toEqual({});
    for (const word of ['TopUsers', 'Runtime/Unheard']) expect(ended.stdout).toContain(word);
  });

  test.each([
    ['', {}],
    [
      '<IncludeDomains><Domain>contoso.com</Domain></IncludeDomains>',
      { where: expect.objectContaining({ attribute: 'mailDomain' }) as unknown },
    ],
  ])('groups alone, of the domains that it names: %s', async (filters, mailGroups) => {
    const { job } = await imported(xml('<SourceObjectType>Group</SourceObjectType>', filters));
    expect(job.source).toEqual(expect.objectContaining({ mailGroups }));
    expect(job.source.where).toBeUndefined();
  });

  test('nothing is overwritten', async () => {
    await imported(xml(''));
    const again = await startProgram(
      ['import', 'ctcs', path.join(folder, 'ctcs.xml'), '--to', path.join(folder, 'contact-sync.yaml')],
      {},
    ).ended;
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('is there already');
  });

  test.each(['', 'no xml', '<Configuration>', '<Configuration/>', '<a><b></a></b>'])(
    '%j is refused',
    (text) => {
      expect(() => fromCtcs(text)).toThrow(SyntaxError);
    },
  );
});
