/** Thrown for a filter that Exchange would not take. */
export class BadFilter extends Error {}

type Row = Readonly<Record<string, unknown>>;
type Test = (row: Row) => boolean;

const TOKEN = /\s*(?:([()])|(-\w+)|'((?:[^']|'')*)'|(\$\w+)|([A-Za-z]\w*))/y;

interface Token {
  readonly kind: 'paren' | 'operator' | 'text' | 'constant' | 'name';
  readonly text: string;
}

function tokens(filter: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < filter.trimEnd().length) {
    const match = TOKEN.exec(filter);
    if (match === null) throw new BadFilter('The filter cannot be read.');
    const [, paren, operator, text, constant, name] = match;
    if (paren !== undefined) found.push({ kind: 'paren', text: paren });
    else if (operator !== undefined) found.push({ kind: 'operator', text: operator.toLowerCase() });
    else if (text !== undefined) found.push({ kind: 'text', text: text.replaceAll("''", "'") });
    else if (constant !== undefined) found.push({ kind: 'constant', text: constant.toLowerCase() });
    else found.push({ kind: 'name', text: name ?? '' });
  }
  return found;
}

/** A filter in OPATH, as far as recipients are asked for with it. Throws `BadFilter`. */
export function compileFilter(filter: string, known: ReadonlySet<string>): Test {
  const waiting = tokens(filter);
  const next = (): Token => {
    const token = waiting.shift();
    if (token === undefined) throw new BadFilter('The filter ends too early.');
    return token;
  };
  const isNext = (text: string): boolean => waiting[0]?.text === text && waiting[0].kind !== 'text';
  const either = (): Test => {
    const tests = [both()];
    while (isNext('-or')) {
      next();
      tests.push(both());
    }
    return (row) => tests.some((test) => test(row));
  };
  const both = (): Test => {
    const tests = [one()];
    while (isNext('-and')) {
      next();
      tests.push(one());
    }
    return (row) => tests.every((test) => test(row));
  };
  const one = (): Test => {
    const token = next();
    if (token.kind === 'operator' && token.text === '-not') {
      const test = one();
      return (row) => !test(row);
    }
    if (token.kind === 'paren' && token.text === '(') {
      const test = either();
      if (next().text !== ')') throw new BadFilter('A parenthesis is missing.');
      return test;
    }
    if (token.kind !== 'name' || !known.has(token.text))
      throw new BadFilter(`"${token.text}" cannot be filtered by.`);
    return comparison(token.text, next(), next());
  };
  const test = either();
  if (waiting.length > 0) throw new BadFilter('The filter goes on too long.');
  return test;
}

function comparison(name: string, operator: Token, value: Token): Test {
  if (value.kind !== 'text' && value.kind !== 'constant') throw new BadFilter('A value is missing.');
  const wanted = value.kind === 'constant' ? constantOf(value.text) : value.text;
  const equal: Test = (row) => valuesOf(row[name]).some((one) => same(name, one, wanted));
  if (operator.text === '-eq') return equal;
  if (operator.text === '-ne') return (row) => !equal(row);
  if (operator.text !== '-like' || typeof wanted !== 'string')
    throw new BadFilter(`The operator ${operator.text} is not known here.`);
  const pattern = new RegExp(
    `^${wanted
      .split('*')
      .map((piece) => RegExp.escape(piece))
      .join('.*')}$`,
    'i',
  );
  return (row) => valuesOf(row[name]).some((one) => typeof one === 'string' && pattern.test(one));
}

function constantOf(text: string): boolean | null {
  if (text === '$null') return null;
  if (text === '$true') return true;
  if (text === '$false') return false;
  throw new BadFilter(`${text} is no constant.`);
}

function valuesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** A full address may leave out its prefix, and an empty text is no value. */
function same(name: string, found: unknown, wanted: unknown): boolean {
  if (wanted === null) return found === null || found === undefined || found === '';
  if (typeof found !== 'string' || typeof wanted !== 'string') return found === wanted;
  const bare = (text: string): string =>
    /Address(?:es)?$/.test(name) ? text.toLowerCase().replace(/^smtp:/, '') : text.toLowerCase();
  return bare(found) === bare(wanted);
}
