/**
 * Item ids, small. Exchange ids are opaque, case-sensitive strings of some 120 to 160 base64 characters of which all
 * but the end is the same within one folder. A place keeps one of its ids as the stem; a link keeps one leading byte and
 * what differs from the stem, as bytes where base64 gives exactly the same string back, as text otherwise. Any string
 * survives; an unusual one merely takes more room.
 */

/** How the rest is written. The order stands in ledgers out there. */
const spellings = ['utf16le', 'latin1', 'base64url-padded', 'base64-padded', 'base64url'] as const;
type Spelling = (typeof spellings)[number];

/** Four characters of base64 are three bytes: a cut anywhere else would shift the rest. */
const CUT = 4;
/** Cuts that fit in the leading byte beside the spelling: 5 * 51 = 255. */
const CUTS = 51;

/** Most compact first; the last one takes every string. */
const tried: readonly Spelling[] = ['base64url-padded', 'base64-padded', 'base64url', 'latin1', 'utf16le'];

/** The id as the bytes that a link of a place with this stem keeps. */
export function packItem(item: string, stem: string | null): Uint8Array {
  const cuts = sharedCuts(item, stem ?? '');
  const rest = item.slice(cuts * CUT);
  for (const spelling of tried) {
    const bytes = toBytes(rest, spelling);
    if (fromBytes(bytes, spelling) !== rest) continue;
    return Buffer.concat([Buffer.of(spellings.indexOf(spelling) * CUTS + cuts), bytes]);
  }
  throw new Error('Every string can be written in UTF-16.');
}

/** The id again. Throws when the bytes were not written against this stem. */
export function unpackItem(bytes: Uint8Array, stem: string | null): string {
  const [head = Number.NaN] = bytes;
  const spelling = spellings[Math.floor(head / CUTS)];
  const shared = (head % CUTS) * CUT;
  if (spelling === undefined || shared > (stem ?? '').length)
    throw new Error('An item id in the ledger is damaged.');
  return (
    (stem ?? '').slice(0, shared) +
    fromBytes(Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1), spelling)
  );
}

/** Only plain characters come back unchanged from every database's text column. */
export function canBeStem(item: string): boolean {
  return /^[\x21-\x7e]+$/.test(item);
}

function sharedCuts(item: string, stem: string): number {
  const longest = Math.min(item.length, stem.length, (CUTS - 1) * CUT);
  let shared = 0;
  while (shared < longest && item.charCodeAt(shared) === stem.charCodeAt(shared)) shared++;
  return Math.floor(shared / CUT);
}

function toBytes(text: string, spelling: Spelling): Buffer {
  return Buffer.from(
    text,
    spelling === 'base64url-padded' ? 'base64url' : spelling === 'base64-padded' ? 'base64' : spelling,
  );
}

function fromBytes(bytes: Buffer, spelling: Spelling): string {
  if (spelling === 'base64-padded') return bytes.toString('base64');
  if (spelling !== 'base64url-padded') return bytes.toString(spelling);
  const text = bytes.toString('base64url');
  return text.padEnd(Math.ceil(text.length / CUT) * CUT, '=');
}
