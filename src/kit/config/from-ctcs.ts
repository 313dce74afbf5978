import { parseXml, type Element } from '../xml.ts';
import { isTrue, sourceLines, valuesOf, type Values } from './from-ctcs-scope.ts';
import { GUID, idOf, quoted, type Imported } from './imported.ts';

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  Source: ['TenantId', 'TenantName', 'ClientId', 'ClientSecret'],
  Target: ['Organization', 'TenantId', 'TenantName', 'ExoAppId', 'ExoCertThumbprint'],
  Runtime: [
    'StateRoot',
    'LogRoot',
    'AppendSourceTenantToDisplayName',
    'AllowUpnFallback',
    'DisableDeletes',
    'SourceObjectType',
    'TopUsers',
    'SeedTargetFromSource',
    'SourceUserScopeMode',
    'SourceUserScopeGroupId',
    'SourceUserScopeGroupTransitive',
  ],
  Filters: ['IncludeDomains', 'ExcludeDomains', 'ServiceAccountPatterns', 'AttributeFilters'],
};

/**
 * Every field of a configuration of the script CTCS, in this program's words. What the script ignored by mistake (its booleans
 * always had their defaults) is honoured, and said. Throws a `SyntaxError` for what is no such file; no message quotes a secret.
 */
export function fromCtcs(xml: string): Imported {
  const root = parseXml(xml);
  const part = (name: string): Element | undefined => root.children.find((one) => one.name === name);
  const source = valuesOf(part('Source'));
  const target = valuesOf(part('Target'));
  const runtime = valuesOf(part('Runtime'));
  const filters = part('Filters');
  const notes = unknownIn(root);
  for (const [where, values, key] of [
    ['Source', source, 'TenantId'],
    ['Source', source, 'ClientId'],
    ['Target', target, 'TenantId'],
    ['Target', target, 'ExoAppId'],
  ] as const)
    if (!GUID.test(values.get(key) ?? '')) throw new SyntaxError(`${where}/${key} is missing, or is no GUID`);
  const from = idOf(source.get('TenantName'), 'source');
  const to = idOf(target.get('TenantName'), 'target', [from]);
  const secret = source.get('ClientSecret') ?? '';
  const file = `${from}-client-secret`;
  const lines = [
    '# Made from a configuration of the script CTCS. Before the first run: contact-sync plan',
    'tenants:',
    ...tenantLines(from, { tenantId: source.get('TenantId'), clientId: source.get('ClientId') }, 'Source'),
    ...(secret === ''
      ? ['    credential: { certificate: ./app.pem } # Source/ClientSecret was empty: put a certificate here']
      : [
          `    credential: { clientSecret: "file:./${file}" } # Source/ClientSecret; better a certificate`,
          '    allowClientSecret: true',
        ]),
    ...tenantLines(to, { tenantId: target.get('TenantId'), clientId: target.get('ExoAppId') }, 'Target'),
    `    credential: { windowsStore: { thumbprint: ${quoted(target.get('ExoCertThumbprint') ?? '')} } } # Target/ExoCertThumbprint`,
    `    exchange: { organization: ${quoted(target.get('Organization') ?? '')} } # Target/Organization; asked for by driver: pwsh alone`,
    'jobs:',
    `  ${from}-to-${to}:`,
    '    kind: cross-tenant',
    `    tenant: ${from}`,
    '    source:',
    ...sourceLines({ runtime, filters }, notes),
    `    target: { tenant: ${to} }`,
    ...runtimeLines({ source, runtime }, notes),
    '',
  ];
  return { yaml: lines.join('\n'), secrets: secret === '' ? [] : [{ file, text: secret }], notes };
}

function tenantLines(
  id: string,
  { tenantId = '', clientId = '' }: { tenantId: string | undefined; clientId: string | undefined },
  from: string,
): string[] {
  const client = from === 'Source' ? 'ClientId' : 'ExoAppId';
  return [
    `  ${id}: # ${from}/TenantName`,
    `    tenantId: ${tenantId.toLowerCase()} # ${from}/TenantId`,
    `    clientId: ${clientId.toLowerCase()} # ${from}/${client}`,
  ];
}

function runtimeLines({ source, runtime }: { source: Values; runtime: Values }, notes: string[]): string[] {
  const lines: string[] = [];
  const name = (source.get('TenantName') ?? '').replaceAll(/[{}]/g, '');
  const fields: string[] = [];
  if (isTrue(runtime, 'AppendSourceTenantToDisplayName', true) && name !== '')
    fields.push(
      `      displayName: ${quoted(`{displayName} (${name})`)} # Runtime/AppendSourceTenantToDisplayName`,
    );
  if (isTrue(runtime, 'AllowUpnFallback', true))
    fields.push('      emailAddresses: [{ first: [mail, userPrincipalName] }] # Runtime/AllowUpnFallback');
  if (fields.length > 0) lines.push('    fields:', ...fields);
  if (isTrue(runtime, 'DisableDeletes', false))
    lines.push(
      '    guard: { count: 0, percent: 0 } # Runtime/DisableDeletes: every removal waits for "approve"',
    );
  for (const [key, usual] of [
    ['AppendSourceTenantToDisplayName', true],
    ['AllowUpnFallback', true],
    ['DisableDeletes', false],
  ] as const)
    if (runtime.has(key) && isTrue(runtime, key, usual) !== usual)
      notes.push(`Runtime/${key} is honoured from now on: the script ignored it.`);
  if (Number(runtime.get('TopUsers') ?? 0) > 0)
    notes.push('Runtime/TopUsers has no counterpart: "plan" shows what a run would do, and writes nothing.');
  if (isTrue(runtime, 'SeedTargetFromSource', false))
    notes.push('Runtime/SeedTargetFromSource needs no word: the first run looks at everybody.');
  return lines;
}

function unknownIn(root: Element): string[] {
  return root.children.flatMap(({ name, children: inside }) =>
    KNOWN[name] === undefined
      ? [`${name} is not known, and was left out.`]
      : inside
          .filter((one) => KNOWN[name]?.includes(one.name) === false)
          .map((one) => `${name}/${one.name} is not known, and was left out.`),
  );
}
