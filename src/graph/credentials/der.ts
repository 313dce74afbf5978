import { Fault } from '../../model/fault.ts';

/** One value of DER (ITU-T X.690): its tag, its content, and the values inside when it is constructed. */
export interface Der {
  readonly tag: number;
  readonly content: Buffer;
  /** The n-th value inside. Throws `invalid` when there is none. */
  at(index: number): Der;
  readonly inside: readonly Der[];
}

export const TAG = { integer: 0x02, octets: 0x04, id: 0x06, sequence: 0x30, explicit0: 0xa0 } as const;
/** The bit of a tag that says: there are values inside. */
const CONSTRUCTED = 0x20;
/** Deeper than any file of keys; one that nests further is an attack or no such file. */
const DEPTH_AT_MOST = 24;

/** Reads one value. Throws `invalid` for what is cut off, of indefinite length, or followed by more. */
export function readDer(bytes: Buffer): Der {
  const { value, end } = valueAt(bytes, 0, 0);
  if (end !== bytes.length) throw damaged();
  return value;
}

function valueAt(bytes: Buffer, start: number, depth: number): { value: Der; end: number } {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || depth > DEPTH_AT_MOST) throw damaged();
  // 0x80 alone is an indefinite length, which BER allows and DER does not; four bytes hold any file.
  const more = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || more > 4 || start + 2 + more > bytes.length) throw damaged();
  const length = more === 0 ? first : bytes.readUIntBE(start + 2, more);
  const from = start + 2 + more;
  const end = from + length;
  if (end > bytes.length) throw damaged();
  const content = bytes.subarray(from, end);
  const inside = (tag & CONSTRUCTED) === 0 ? [] : valuesIn(content, depth + 1);
  const at = (index: number): Der => {
    const found = inside[index];
    if (found === undefined) throw damaged();
    return found;
  };
  return { value: { tag, content, inside, at }, end };
}

function valuesIn(content: Buffer, depth: number): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < content.length;) {
    const { value, end } = valueAt(content, at, depth);
    found.push(value);
    at = end;
  }
  return found;
}

/** The bytes of an octet string, also of one that was cut into pieces. */
export function octetsOf({ content, inside }: Der): Buffer {
  return inside.length === 0 ? content : Buffer.concat(inside.map(octetsOf));
}

/** An object identifier as dotted numbers. */
export function idOf({ tag, content }: Der): string {
  if (tag !== TAG.id || content.length === 0) throw damaged();
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (numbers.length === 0) numbers.push(Math.min(2, Math.floor(number / 40)), number % 40);
    else numbers.push(number);
    number = 0;
  }
  return numbers.join('.');
}

/** A small whole number, such as a count of iterations. */
export function numberOf({ tag, content }: Der): number {
  if (tag !== TAG.integer || content.length === 0 || content.length > 5) throw damaged();
  return content.readUIntBE(0, content.length);
}

function damaged(): Fault {
  return new Fault('invalid', 'the PFX file cannot be read');
}
