import type { Random } from '../../../src/kit/random.ts';
import { chance, integer } from '../../kit/seeded-random.ts';
import type { Folder, Item } from './item.ts';

/*
 * Ids shaped like Exchange's: about 150 characters, opaque, case-sensitive, of which a long part is constant for
 * a mailbox, another for a folder, and 24 bytes vary. They end in `=`, which a path must carry encoded or as it is.
 */
const REGULAR = 'AAMkADhm';
const IMMUTABLE = 'AAkALgAA';
const MAILBOX_BYTES = 57;
const FOLDER_BYTES = 21;
const KEY_BYTES = 24;
const KEY_CHARS = 32;
/** One key in so many differs from the one before by case alone: a client that compares without case mixes them up. */
const TWIN_RATE = 1 / 16;

export type ParsedId =
  | { readonly kind: 'immutable'; readonly born: string; readonly key: string }
  | { readonly kind: 'regular'; readonly part: string; readonly key: string; readonly generation: number };

export class ItemIds {
  readonly #random: Random;
  readonly #mailbox: string;
  #last = '';

  constructor(random: Random) {
    this.#random = random;
    this.#mailbox = base64url(random.bytes(MAILBOX_BYTES));
  }

  newKey(): string {
    const twin = this.#last !== '' && chance(this.#random, TWIN_RATE) ? this.#twin(this.#last) : undefined;
    this.#last = twin === undefined ? base64url(this.#random.bytes(KEY_BYTES)) : '';
    return twin ?? this.#last;
  }

  newFolder(): { id: string; part: string } {
    const part = base64url(this.#random.bytes(FOLDER_BYTES));
    return { id: `${REGULAR}${this.#mailbox}${part}AAA=`, part };
  }

  regular(item: Item): string {
    return `${REGULAR}${this.#mailbox}${item.folder.part}${item.key}${serial(item.generation)}=`;
  }

  immutable(item: Item): string {
    return `${IMMUTABLE}${this.#mailbox}${item.born}${item.key}AAA=`;
  }

  /** undefined when the id does not have the form; a well-formed one may still name nothing. */
  parse(id: string): ParsedId | undefined {
    const head = id.slice(0, REGULAR.length);
    const partAt = head.length + this.#mailbox.length;
    const keyAt = partAt + (FOLDER_BYTES / 3) * 4;
    if (
      (head !== REGULAR && head !== IMMUTABLE) ||
      id.length !== keyAt + KEY_CHARS + 4 ||
      !/^[\w-]+=$/.test(id)
    ) {
      return undefined;
    }
    const own = id.slice(head.length, partAt) === this.#mailbox;
    const part = own ? id.slice(partAt, keyAt) : '';
    const key = id.slice(keyAt, keyAt + KEY_CHARS);
    if (head === IMMUTABLE) return { kind: 'immutable', born: part, key };
    return {
      kind: 'regular',
      part,
      key,
      generation: Buffer.from(id.slice(-4, -1), 'base64url').readUInt16BE(),
    };
  }

  #twin(key: string): string | undefined {
    const at = integer(this.#random, key.length);
    const letter = key[at] ?? '';
    const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
    return other === letter ? undefined : key.slice(0, at) + other + key.slice(at + 1);
  }
}

/** Whether the item is what the parsed id names. */
export function names(parsed: ParsedId, item: Item): boolean {
  if (parsed.kind === 'immutable') return parsed.born === item.born && parsed.key === item.key;
  return parsed.part === item.folder.part && parsed.generation === item.generation && parsed.key === item.key;
}

/** Whether the item's key may live in this folder, as far as the id tells. */
export function mayHold(parsed: ParsedId, folder: Folder): boolean {
  return parsed.kind === 'immutable' || parsed.part === folder.part;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** Two bytes as three characters. */
function serial(value: number): string {
  return base64url(Uint8Array.of((value >> 8) & 0xff, value & 0xff));
}
