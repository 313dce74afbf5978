/** An element of a plain XML document: attributes, namespaces and processing instructions are of no interest. */
export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  /** Text that stands directly in it, without white space around. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w.:-]+)((?:\s[^<>]*?)?)(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Reads a document. Throws a `SyntaxError` that says what is wrong, without quoting; document types are not read. */
export function parseXml(text: string): Element {
  const top: Open = { name: '', children: [], text: '' };
  const open: Open[] = [top];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`this is no plain XML from character ${at + 1} on`);
    const [, cdata, closing, name, , selfClosing, plain] = match;
    const here = open.at(-1) ?? top;
    if (cdata !== undefined) here.text += cdata;
    else if (plain !== undefined) here.text += decoded(plain);
    else if (name !== undefined && closing === '/') close(open, name);
    else if (name !== undefined) {
      const element: Open = { name, children: [], text: '' };
      if (selfClosing === '/') here.children.push(element);
      else open.push(element);
    }
  }
  const [root, ...others] = top.children;
  if (open.length > 1) throw new SyntaxError(`<${open.at(-1)?.name}> is not closed`);
  if (root === undefined || others.length > 0) throw new SyntaxError('a document has one element at the top');
  return root;
}

function close(open: Open[], name: string): void {
  const element = open.length > 1 ? open.pop() : undefined;
  if (element?.name !== name) throw new SyntaxError(`</${name}> closes nothing`);
  open.at(-1)?.children.push({ ...element, text: element.text.trim() });
}

function decoded(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, code: string) => {
    const number = /^#x/i.test(code) ? Number.parseInt(code.slice(2), 16) : Number(code.slice(1));
    return code.startsWith('#') ? String.fromCodePoint(number) : (ENTITIES[code] ?? whole);
  });
}
