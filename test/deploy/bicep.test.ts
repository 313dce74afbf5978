import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../house/sources.ts';
import { declarations, nodesIn, openBicep, unknownNames, type Template, type Type } from './bicep.ts';
import { moduleFaults, typeFaults } from './bicep-types.ts';

const AZURE = path.join(ROOT, 'deploy/azure');
const files = globSync('**/*.bicep', { cwd: AZURE }).toSorted();
const read = (file: string): string => readFileSync(path.join(AZURE, file), 'utf8');
/** Cut from Azure/bicep-types-az, which the compiler has its types from: what may be written, by property. */
const types = JSON.parse(readFileSync(new URL('azure-types.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Type>
>;

let open: (file: string, text?: string) => Template;
beforeAll(async () => {
  const parse = await openBicep();
  open = (file, text) => parse(path.join(AZURE, file), text);
});

function faults(file: string, text = read(file)): string[] {
  const template = open(file, text);
  const broken = [...nodesIn(template.root)].filter((node) => node.isError || node.isMissing);
  return [
    ...broken.map((node) => `not Bicep in line ${node.startPosition.row + 1}`),
    ...unknownNames(template),
    ...typeFaults(template, types),
    ...moduleFaults(template, (relative) => open(path.join(path.dirname(file), relative))),
  ];
}

describe('the templates', () => {
  test('are seen', () => {
    expect(files.length).toBeGreaterThan(6);
    expect(files.flatMap((file) => declarations(open(file).root, 'resource')).length).toBeGreaterThan(30);
  });

  test.each(files)('%s is Bicep, of types that Azure has', (file) => {
    expect(faults(file)).toEqual([]);
  });

  test.each([
    {
      file: 'modules/bus.bicep',
      right: 'requiresSession: true',
      wrong: 'requiresSessions: true',
      fault: 'requiresSessions: is not known',
    },
    {
      file: 'modules/bus.bicep',
      right: "minimumTlsVersion: '1.2'",
      wrong: "minimumTlsVersion: '1.4'",
      fault: '1.4 is none of 1.0, 1.1, 1.2',
    },
    {
      file: 'modules/bus.bicep',
      right: 'maxDeliveryCount: 2000',
      wrong: "maxDeliveryCount: '2000'",
      fault: 'maxDeliveryCount: a text',
    },
    {
      file: 'modules/bus.bicep',
      right: 'principalId: receiverPrincipal',
      wrong: 'principalId: receiver',
      fault: 'receiver in line',
    },
    {
      file: 'modules/vault.bicep',
      right: '    tenantId: tenant().tenantId\n',
      wrong: '',
      fault: 'vault.properties.tenantId: is missing',
    },
    {
      file: 'modules/role.bicep',
      right: 'maxReplicas:',
      wrong: 'maximumReplicas:',
      fault: 'maximumReplicas: is not known',
    },
    { file: 'modules/role.bicep', right: 'queueName: queue', wrong: 'queueName: cue', fault: 'cue in line' },
    {
      file: 'apps.bicep',
      right: "role: 'keeper'",
      wrong: "rolle: 'keeper'",
      fault: 'keepers.rolle: is not known',
    },
    { file: 'apps.bicep', right: "role: 'keeper'", wrong: '', fault: 'keepers.role: is missing' },
    { file: 'foundation.bicep', right: 'params: {', wrong: 'params: [', fault: 'not Bicep in line' },
  ])('$file with a mistake is found out: $fault', ({ file, right, wrong, fault }) => {
    const text = read(file);
    expect(text).toContain(right);
    expect(faults(file, text.replace(right, wrong)).join('\n')).toContain(fault);
  });

  test('hold no secret, and take them as secure parameters alone', () => {
    for (const file of files) {
      expect(read(file)).not.toMatch(/password\w*: '|[Kk]ey: '[^$]/);
      for (const [, secret = ''] of read(file).matchAll(/^param (\w*[pP]assword) string/gm))
        expect(read(file)).toMatch(new RegExp(`@secure\\(\\)\\n(?:@.*\\n)*param ${secret} string`));
    }
  });
});

/** Scope and role of every assignment to a principal. */
function assigned(text: string, principal: string): string[] {
  return [...text.matchAll(/scope: (\w+)\n[^}]*?principalId: (\w+)\n[^}]*?roleDefinitionId: (\w+)/g)]
    .filter(([, , whom]) => whom === principal)
    .map(([, scope, , role]) => `${scope} ${role}`);
}

describe('least rights', () => {
  const bus = read('modules/bus.bicep');
  const access = read('modules/access.bicep');

  test('receivers send changes, and nothing else', () => {
    expect(assigned(bus, 'receiverPrincipal')).toEqual(['changes dataSender']);
    expect(access).toMatch(/for principal in clientStatePrincipals: \{\n\s+scope: clientStateKey\n/);
    expect(access.match(/in clientStatePrincipals:/g)).toHaveLength(1);
    expect(read('apps.bicep')).toMatch(
      /clientStatePrincipals: \[\s+receiver\.properties\.principalId\s+keeper\.properties\.principalId\s+\]\n\s+enginePrincipals: \[\s+worker\.properties\.principalId\s+keeper\.properties\.principalId\s+\]/,
    );
  });

  test('workers and keepers send to both queues and receive from both', () => {
    expect(assigned(bus, 'principal').toSorted()).toEqual([
      'changes dataReceiver',
      'changes dataSender',
      'writes dataReceiver',
      'writes dataSender',
    ]);
  });

  test('nobody owns anything, and roles are those of the list of Microsoft', () => {
    const roles = files.flatMap((file) =>
      [...read(file).matchAll(/'([0-9a-f]{8}-[0-9a-f-]{27})'/g)].map(([, id]) => id),
    );
    expect(new Set(roles)).toEqual(
      new Set([
        '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39', // Azure Service Bus Data Sender
        '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0', // Azure Service Bus Data Receiver
        '21090545-7ca7-4776-b22c-e363652d74d2', // Key Vault Reader
        '4633458b-17de-408a-b874-0445c86b69e6', // Key Vault Secrets User
        '12338af0-0e69-4776-bea7-57ae8d297424', // Key Vault Crypto User
        '00000000-0000-0000-0000-000000000000', // filled in with the client id of an identity
      ]),
    );
  });

  test('the queues are as the program needs them', () => {
    for (const line of [
      'requiresSession: true',
      'requiresDuplicateDetection: false',
      "lockDuration: 'PT1M'",
      'maxDeliveryCount: 2000',
      'deadLetteringOnMessageExpiration: true',
      'disableLocalAuth: true',
      "minimumTlsVersion: '1.2'",
    ])
      expect(bus).toContain(`  ${line}\n`);
    expect([...bus.matchAll(/^ {2}name: '(\w+)'$/gm)].map(([, name]) => name)).toEqual(['changes', 'writes']);
  });

  test('the outside reaches two paths', () => {
    const apps = read('apps.bicep');
    expect([...apps.matchAll(/\bpath: '([^']+)'/g)].map(([, one]) => one)).toEqual([
      '/notifications',
      '/lifecycle',
    ]);
    expect(read('modules/role.bicep')).toMatch(/external: false\n/);
  });
});

test('what apps.bicep fills in is in the configuration', () => {
  const apps = `${read('apps.bicep')}${read('modules/role.bicep')}`;
  const configuration = read('configuration.yaml');
  const filled = [...apps.matchAll(/replace\(\s*(?:\w+|replace\([^)]*\)),\s*'([^']+)'/g)].map(
    ([, text = '']) => text,
  );
  expect(filled.length).toBeGreaterThan(3);
  for (const text of filled.filter((one) => one !== '-')) expect(configuration).toContain(text);
});
