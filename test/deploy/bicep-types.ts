import type { Node } from 'web-tree-sitter';
import {
  bodyOf,
  declarations,
  isExisting,
  nameOf,
  named,
  propertiesOf,
  quotedOf,
  type Template,
  type Type,
} from './bicep.ts';

/** Belong to Bicep and not to the resource. */
const OF_BICEP = new Set(['parent', 'scope', 'dependsOn']);

/** What of a template does not fit the types of Azure, one line each. */
export function typeFaults(template: Template, types: Readonly<Record<string, Type>>): string[] {
  return declarations(template.root, 'resource').flatMap((resource) => {
    const [kind, body] = [quotedOf(resource), bodyOf(resource)];
    const type = types[kind];
    const at = nameOf(resource);
    if (type === undefined) return [`${at}: ${kind} is not among the types`];
    if (body === undefined) return [`${at}: has no body`];
    if (isExisting(resource)) return [];
    return faultsIn(body, type, { at, template, isTop: true });
  });
}

interface Place {
  readonly at: string;
  readonly template: Template;
  readonly isTop?: boolean;
}

function faultsIn(value: Node, type: Type, place: Place): string[] {
  const { at, template } = place;
  switch (value.type) {
    case 'object':
      return objectFaults(value, type, place);
    case 'array':
      if (type.items === undefined) return isAnything(type) ? [] : [`${at}: a list`];
      return value.namedChildren.flatMap((item, number) =>
        item === null || type.items === undefined || item.type === 'comment'
          ? []
          : faultsIn(item, type.items, { at: `${at}[${number}]`, template }),
      );
    case 'for_statement': {
      const body = value.namedChildren.at(-1);
      return body && type.items ? faultsIn(body, type.items, { at: `${at}[]`, template }) : [`${at}: a list`];
    }
    case 'ternary_expression':
      return [1, 2].flatMap((branch) => {
        const chosen = named(value, branch);
        return chosen === undefined || chosen.type === 'null' ? [] : faultsIn(chosen, type, place);
      });
    case 'identifier': {
      const declaration = template.names.get(value.text);
      const meant = declaration?.type === 'variable_declaration' ? named(declaration, 1) : undefined;
      return meant === undefined ? [] : faultsIn(meant, type, place);
    }
    case 'string':
      return stringFaults(value, type, at);
    case 'number':
      return type.is === 'int' || isAnything(type) ? [] : [`${at}: a number`];
    case 'boolean':
      return type.is === 'bool' || isAnything(type) ? [] : [`${at}: true or false`];
    default:
      // A call or a member: only the compiler knows what it is.
      return [];
  }
}

function objectFaults(object: Node, type: Type, { at, template, isTop = false }: Place): string[] {
  if (type.props === undefined) return isAnything(type) ? [] : [`${at}: a map`];
  const { props, more } = type;
  const given = propertiesOf(object);
  const keys = new Set(given.map(({ key }) => key));
  const missing = Object.keys(props).filter((key) => props[key]?.required === true && !keys.has(key));
  return [
    ...missing.map((key) => `${at}.${key}: is missing`),
    ...given.flatMap(({ key, value }) => {
      if (isTop && OF_BICEP.has(key)) return [];
      const expected = props[key] ?? more;
      return expected
        ? faultsIn(value, expected, { at: `${at}.${key}`, template })
        : [`${at}.${key}: is not known`];
    }),
  ];
}

function stringFaults(value: Node, type: Type, at: string): string[] {
  const choices = type['one of'];
  const text = value.text.slice(1, -1);
  if (choices === undefined) return type.is === 'string' || isAnything(type) ? [] : [`${at}: a text`];
  // Where Azure takes others as well, the templates still keep to those it names.
  return text.includes('${') || choices.includes(text)
    ? []
    : [`${at}: ${text} is none of ${choices.join(', ')}`];
}

function isAnything(type: Type): boolean {
  return type.is === 'any' || Object.keys(type).every((key) => key === 'required');
}

/** Parameters that a module is given and does not have, or has and is not given. */
export function moduleFaults(template: Template, open: (relative: string) => Template): string[] {
  return declarations(template.root, 'module').flatMap((module) => {
    const body = bodyOf(module);
    const params = body && propertiesOf(body).find(({ key }) => key === 'params')?.value;
    const given = params === undefined ? [] : propertiesOf(params).map(({ key }) => key);
    const asked = declarations(open(quotedOf(module)).root, 'parameter');
    const all = asked.map(nameOf);
    const needed = asked.filter((parameter) => named(parameter, 2) === undefined).map(nameOf);
    return [
      ...given.filter((key) => !all.includes(key)).map((key) => `${nameOf(module)}.${key}: is not known`),
      ...needed.filter((key) => !given.includes(key)).map((key) => `${nameOf(module)}.${key}: is missing`),
    ];
  });
}
