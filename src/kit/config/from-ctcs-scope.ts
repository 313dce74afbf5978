import type { Element } from '../xml.ts';
import { GUID, isYes, quoted } from './imported.ts';
import { patternFault } from './pattern.ts';

/** Texts of the elements in an element, by name. */
export type Values = ReadonlyMap<string, string>;

/** Who is shown, as lines of the configuration. What cannot be told is noted. */
export function sourceLines(
  { runtime, filters }: { runtime: Values; filters: Element | undefined },
  notes: string[],
): string[] {
  const group = runtime.get('SourceUserScopeGroupId') ?? '';
  const isGroup = runtime.get('SourceUserScopeMode')?.toLowerCase() === 'groupmembership';
  const include = textsIn(filters, 'IncludeDomains');
  const exclude = [
    ...textsIn(filters, 'ExcludeDomains').map(
      (domain) => `            - mailDomain: ${quoted(domain)} # Filters/ExcludeDomains`,
    ),
    ...patternsIn(filters, notes).map(
      (pattern) =>
        `            - userPrincipalName: { matches: ${quoted(pattern)} } # Filters/ServiceAccountPatterns`,
    ),
    ...attributeLines(filters, notes),
  ];
  const fallback = isTrue(runtime, 'AllowUpnFallback', true);
  const type = runtime.get('SourceObjectType')?.toLowerCase() ?? 'user';
  const people =
    type === 'group'
      ? []
      : [
          ...(isGroup && GUID.test(group)
            ? [
                `      groups: [${group.toLowerCase()}] # Runtime/SourceUserScopeGroupId; nested groups always count`,
              ]
            : []),
          ...(include.length > 0
            ? whereLines(include, fallback)
            : isGroup
              ? []
              : ['      where: { userPrincipalName: { exists: true } } # everybody, as no group was named']),
        ];
  return [
    ...people,
    ...(type === 'group' || type === 'both' ? [groupsLine(include)] : []),
    ...(exclude.length > 0 ? ['      except:', '        where:', '          any:', ...exclude] : []),
    '      # The script showed these as well; their contacts go, unless you take the word back in:',
    '      # include: [disabled, hidden, service-accounts]',
  ];
}

function groupsLine(domains: readonly string[]): string {
  const which =
    domains.length === 0 ? 'true' : `{ where: { mailDomain: [${domains.map(quoted).join(', ')}] } }`;
  return `      mailGroups: ${which} # Runtime/SourceObjectType`;
}

function whereLines(domains: readonly string[], fallback: boolean): string[] {
  const list = `[${domains.map(quoted).join(', ')}]`;
  if (!fallback) return [`      where: { mailDomain: ${list} } # Filters/IncludeDomains`];
  return [
    '      where:',
    '        any:',
    `          - mailDomain: ${list} # Filters/IncludeDomains`,
    '          - mail: { exists: false }',
    `            userPrincipalName: { ends with: [${domains.map((one) => quoted(`@${one}`)).join(', ')}] }`,
  ];
}

/** Filters that leave people out. */
function attributeLines(filters: Element | undefined, notes: string[]): string[] {
  return children(filters, 'AttributeFilters').flatMap((filter) => {
    const values = valuesOf(filter);
    const path = values.get('PropertyPath') ?? '';
    const [attribute] = /extensionAttribute(?:1[0-5]|[1-9])$/.exec(path) ?? [];
    const value = values.get('Value') ?? '';
    if (values.get('ObjectType')?.toLowerCase() === 'group') return [];
    const test = testOf(values.get('Operator') ?? 'Equals', value);
    if (attribute === undefined || test === null) {
      notes.push('A filter of Filters/AttributeFilters cannot be told in a rule here: see to it by hand.');
      return [];
    }
    return [`            - ${attribute}: ${test} # Filters/AttributeFilters`];
  });
}

function testOf(operator: string, value: string): string | null {
  const pattern = operator.toLowerCase() === 'contains' ? RegExp.escape(value) : value;
  switch (operator.toLowerCase()) {
    case 'equals':
      return `{ is: ${quoted(value)} }`;
    case 'notequals':
      return `{ is not: ${quoted(value)} }`;
    case 'contains':
    case 'match':
      return patternFault(pattern) === undefined ? `{ matches: ${quoted(pattern)} }` : null;
    default:
      return null;
  }
}

function patternsIn(filters: Element | undefined, notes: string[]): string[] {
  return textsIn(filters, 'ServiceAccountPatterns').filter((pattern) => {
    const fault = patternFault(pattern);
    if (fault !== undefined)
      notes.push(`A pattern of Filters/ServiceAccountPatterns was left out: ${fault}.`);
    return fault === undefined;
  });
}

export function valuesOf(element: Element | undefined): Values {
  return new Map((element?.children ?? []).map(({ name, text }) => [name, text]));
}

function children(element: Element | undefined, name: string): readonly Element[] {
  return element?.children.find((one) => one.name === name)?.children ?? [];
}

function textsIn(element: Element | undefined, name: string): string[] {
  return children(element, name)
    .map(({ text }) => text)
    .filter((text) => text !== '');
}

export function isTrue(values: Values, name: string, otherwise: boolean): boolean {
  const text = values.get(name) ?? '';
  return text === '' ? otherwise : isYes(text);
}
