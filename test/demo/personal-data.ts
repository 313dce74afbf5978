import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Item } from '../tenant/mailbox/item.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** Shorter values turn up in any bytes by chance: three bytes in 30 MB, somewhere. */
const SHORTEST_BYTES = 6;
/** The window over which candidates are found; whole values are compared afterwards. */
const PREFIX_BYTES = 4;
const BLOOM_BITS = 24;

/** Every name, number and address that the tenant or a mailbox of it holds or held, long enough to be told from chance. */
export function personalValues(tenant: Tenant): string[] {
  const values = new Set<string>();
  for (const { current } of tenant.directory.users.values()) {
    const { displayName, givenName, surname, mail, mobilePhone, businessPhones } = current.value;
    for (const value of [displayName, givenName, surname, mail, mobilePhone, ...businessPhones])
      if (value) values.add(value);
  }
  for (const mailbox of tenant.mailboxes.all())
    for (const item of [...mailbox.items(), ...mailbox.deletedItems.items.values()])
      for (const value of textsOf(item)) values.add(value);
  return [...values].filter((value) => Buffer.byteLength(value) >= SHORTEST_BYTES);
}

/** Every text of a contact but its categories: those are words of the configuration. */
function textsOf({ content }: Item): string[] {
  const texts = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
  };
  return Object.entries(content.fields).flatMap(([name, value]) =>
    name === 'categories' ? [] : texts(value),
  );
}

/**
 * How many of the values stand somewhere in the raw bytes below the folders. First plants one, and throws when the
 * search does not find it: a search that looked at nothing must not pass for a clean result.
 */
export async function personalDataAtRest(
  folders: readonly string[],
  values: readonly string[],
): Promise<number> {
  const found = new Set<string>();
  for (const folder of folders) for (const value of await atRestIn(folder, values)) found.add(value);
  return found.size;
}

async function atRestIn(folder: string, values: readonly string[]): Promise<ReadonlySet<string>> {
  const planted = path.join(folder, 'planted.bin');
  const [first] = values;
  if (first === undefined) throw new Error('There is nothing to search for.');
  await appendFile(planted, Buffer.concat([Buffer.from([0, 255, 0]), Buffer.from(first), Buffer.from([0])]));
  if (!(await search(folder, [first])).has(first))
    throw new Error('The search for personal data does not find a planted value.');
  await rm(planted);
  return search(folder, values);
}

async function search(folder: string, values: readonly string[]): Promise<Set<string>> {
  const spellings = values.flatMap((value) => spellingsOf(value).map((bytes) => ({ value, bytes })));
  const byPrefix = Map.groupBy(spellings, ({ bytes }) => bytes.readUInt32LE(0));
  const bloom = new Uint8Array(2 ** (BLOOM_BITS - 3));
  for (const prefix of byPrefix.keys()) set(bloom, hash(prefix));
  const found = new Set<string>();
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  if (files.length === 0) throw new Error('There are no files to search.');
  for (const file of files) {
    const content = await readFile(path.join(file.parentPath, file.name));
    for (let at = 0; at + PREFIX_BYTES <= content.length; at += 1) {
      const prefix = content.readUInt32LE(at);
      if (!has(bloom, hash(prefix))) continue;
      for (const { value, bytes } of byPrefix.get(prefix) ?? []) {
        if (content.subarray(at, at + bytes.length).equals(bytes)) found.add(value);
      }
    }
  }
  return found;
}

/** As it is, and as JSON with escapes would hold it. */
function spellingsOf(value: string): Buffer[] {
  const escaped = JSON.stringify(value)
    .slice(1, -1)
    .replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [...new Set([value, escaped])].map((text) => Buffer.from(text));
}

function hash(prefix: number): number {
  return Math.imul(prefix, 0x9e3779b1) >>> (32 - BLOOM_BITS);
}

function set(bloom: Uint8Array, bit: number): void {
  bloom[bit >>> 3] = (bloom[bit >>> 3] ?? 0) | (1 << (bit & 7));
}

function has(bloom: Uint8Array, bit: number): boolean {
  return ((bloom[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}
