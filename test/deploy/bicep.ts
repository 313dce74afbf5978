import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, Parser, type Node } from 'web-tree-sitter';

const GRAMMAR = createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm');

/** What may be said of a value; `azure-types.json` holds one for each resource type that the templates use. */
export interface Type {
  readonly props?: Readonly<Record<string, Type>>;
  /** Further properties by any name. */
  readonly more?: Type;
  readonly items?: Type;
  readonly is?: string;
  readonly 'one of'?: readonly string[];
  readonly open?: boolean;
  readonly required?: boolean;
}

export interface Template {
  /** Absolute. */
  readonly file: string;
  readonly root: Node;
  /** What the file declares, by name, loop variables included. */
  readonly names: ReadonlyMap<string, Node>;
}

/** Functions of Bicep that the templates call, decorators included (learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions). */
const FUNCTIONS = new Set(
  'allowed batchSize concat description empty environment guid json listKeys loadTextContent maxLength maxValue min minLength minValue replace resourceGroup secure subscriptionResourceId tenant toUpper'.split(
    ' ',
  ),
);

export async function openBicep(): Promise<(file: string, text?: string) => Template> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(GRAMMAR));
  return (file, text = readFileSync(file, 'utf8')) => {
    const tree = parser.parse(text);
    if (tree === null) throw new Error(`${file} was not parsed.`);
    return { file, root: tree.rootNode, names: namesIn(tree.rootNode) };
  };
}

/** Every node below one, itself included. */
export function* nodesIn(node: Node): Generator<Node> {
  yield node;
  for (const child of node.namedChildren) if (child !== null) yield* nodesIn(child);
}

export function declarations(root: Node, kind: 'resource' | 'module' | 'parameter'): Node[] {
  return [...nodesIn(root)].filter(({ type }) => type === `${kind}_declaration`);
}

/** `name` of a declaration. */
export function nameOf(declaration: Node): string {
  return named(declaration, 0)?.text ?? '';
}

/** The text between quotes that stands second in a resource or module. */
export function quotedOf(declaration: Node): string {
  return (named(declaration, 1)?.text ?? '').slice(1, -1);
}

export function isExisting(declaration: Node): boolean {
  return declaration.children.some((child) => child?.type === 'existing' || child?.text === 'existing');
}

/** Of a resource or module: the object, also behind `for` and `if`. */
export function bodyOf(declaration: Node): Node | undefined {
  let body = declaration.namedChildren.at(-1) ?? undefined;
  while (body?.type === 'for_statement' || body?.type === 'if_statement')
    body = body.namedChildren.at(-1) ?? undefined;
  return body?.type === 'object' ? body : undefined;
}

export function propertiesOf(object: Node): { key: string; value: Node }[] {
  return object.namedChildren.flatMap((property) => {
    if (property?.type !== 'object_property') return [];
    const [key, value] = [named(property, 0), named(property, 1)];
    return key && value ? [{ key: key.text.replace(/^'(.*)'$/s, '$1'), value }] : [];
  });
}

export function named(node: Node, index: number): Node | undefined {
  return (
    node.namedChildren.filter((child) => child?.type !== 'comment' && child?.type !== 'decorators')[index] ??
    undefined
  );
}

function namesIn(root: Node): Map<string, Node> {
  const names = new Map<string, Node>();
  for (const node of nodesIn(root)) {
    if (/^(?:resource|module|parameter|variable|output|type)_declaration$/.test(node.type))
      names.set(nameOf(node), node);
    if (node.type === 'for_statement') {
      const first = named(node, 0);
      const loop = first?.type === 'for_loop_parameters' ? first.namedChildren : [first];
      for (const variable of loop) if (variable) names.set(variable.text, variable);
    }
  }
  return names;
}

/** Names that are used and declared nowhere, and functions that nobody knows. */
export function unknownNames({ root, names }: Template): string[] {
  return [...nodesIn(root)].flatMap((node) => {
    if (node.type !== 'identifier' || node.parent === null) return [];
    const { parent, text } = node;
    const isKey = parent.type === 'object_property' && named(parent, 0)?.id === node.id;
    const isDeclared = parent.type.endsWith('_declaration') && named(parent, 0)?.id === node.id;
    if (isKey || isDeclared || text === 'az') return [];
    const isCalled = parent.type === 'call_expression' && named(parent, 0)?.id === node.id;
    const known = isCalled ? FUNCTIONS.has(text) : names.has(text);
    return known ? [] : [`${text} in line ${node.startPosition.row + 1}`];
  });
}
