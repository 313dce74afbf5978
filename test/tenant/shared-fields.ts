import { plain } from './expectation.ts';
import type { Fields, Item } from './mailbox/item.ts';

/** Nobody's but the owner's. */
const OWNERS = ['personalNotes', 'categories', 'birthday', 'spouseName', 'children'];

/** An address of which nothing is filled in is none. */
function spelled(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return plain(value);
  return Object.entries(value)
    .filter(([, part]) => plain(part) !== '')
    .map(([name, part]) => `${name}: ${plain(part)}`)
    .toSorted()
    .join('\n');
}

/** By what two are told apart here: addresses, or else the name. */
export function keyOf(fields: Fields): string {
  const addresses = (fields['emailAddresses'] ?? []) as readonly { readonly address: string }[];
  if (addresses.length === 0) return `name ${spelled(fields['displayName'])}`;
  return addresses
    .map(({ address }) => address.toLowerCase())
    .toSorted()
    .join(' ');
}

/** Fields that are shared, and read otherwise than they should. */
export function differences(want: Fields, { content: { fields: have } }: Item): string[] {
  const names = new Set(
    [...Object.keys(want), ...Object.keys(have)].filter((name) => !OWNERS.includes(name)),
  );
  return [...names].filter((name) => spelled(want[name]) !== spelled(have[name]));
}

/** Fields that are their owner's alone, and read otherwise than the owner wrote them. */
export function meddledWith(written: Fields, { content: { fields: have } }: Item): string[] {
  return OWNERS.filter((name) => spelled(written[name]) !== spelled(have[name]));
}

/** Nothing at all is otherwise, what is its owner's included. */
export function isSame(item: Item, fields: Fields): boolean {
  return meddledWith(fields, item).length === 0 && differences(fields, item).length === 0;
}
