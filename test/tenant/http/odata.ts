import { Malformed, Refusal } from './call.ts';

/** `$select` as names, or undefined when absent. Throws 400 for a property that the type does not have. */
export function select(
  query: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
  code: string,
): string[] | undefined {
  const text = query.get('$select');
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!known.has(name)) throw new Malformed(400, code, `Could not find a property named '${name}'.`);
  }
  return names;
}

/** Throws 400 for a query option that the operation does not know. */
export function only(query: ReadonlyMap<string, string>, allowed: readonly string[], code: string): void {
  for (const name of query.keys()) {
    if (!allowed.includes(name))
      throw new Refusal(400, code, `The query option '${name}' is not supported here.`);
  }
}

/** A whole number within bounds from a query option. */
export function count(
  query: ReadonlyMap<string, string>,
  option: string,
  range: { min: number; max: number; otherwise: number },
): number {
  const text = query.get(option);
  if (text === undefined) return range.otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : -1;
  if (value < range.min || value > range.max)
    throw new Refusal(400, 'ErrorInvalidRequest', `Invalid value for ${option}.`);
  return value;
}

/** Text between quotes in an OData expression; two quotes stand for one. */
export function unquote(literal: string): string {
  return literal.replaceAll("''", "'");
}

/** Splits at commas that stand outside of parentheses and quotes. */
export function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "'") quoted = !quoted;
    if (quoted) continue;
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim());
}
