import type { Key } from '../../engine/book-port.ts';
import { keysOf } from '../../engine/contact-keys.ts';
import type { Ledger } from '../../engine/ledger-port.ts';
import type { ActiveRoute, Needs } from '../../engine/needs.ts';
import { getUser, readPerson } from '../../graph/directory.ts';
import type { Config } from '../../kit/config/config.ts';
import { Fault } from '../../model/fault.ts';
import { visitTenant } from '../doctor/tenant-visit.ts';
import type { Surroundings } from '../service.ts';

export interface Naming {
  readonly config: Config;
  readonly surroundings: Surroundings;
  /** By tenant and name: each is asked for once. Empty: nobody there is called so. */
  readonly known: Map<string, string>;
}

/** The object id; a principal name is asked of the directory. Null: nobody there is called so. */
export async function idOf(
  { config, surroundings, known }: Naming,
  tenant: string,
  name: string,
): Promise<string | null> {
  if (!name.includes('@')) return name.toLowerCase();
  const key = `${tenant}|${name}`;
  const before = known.get(key);
  if (before !== undefined) return before === '' ? null : before;
  const found = config.tenants.find(({ id }) => id === tenant);
  if (!found) return null;
  const visit = visitTenant(found, surroundings);
  await visit.acquired();
  try {
    const { id } = readPerson(await visit.read(getUser(name, []).url));
    known.set(key, id);
    return id;
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'not-found') throw error;
    known.set(key, '');
    return null;
  }
}

/**
 * The SyncId of a contact that mailboxes share, told by what it is met by. Null: there is none. Throws an `invalid` fault that
 * names them where there are several.
 */
export async function sharedIdOf(
  needs: Pick<Needs, 'digest'> & { readonly ledger: Pick<Ledger, 'book' | 'keptOut' | 'cards'> },
  { sourceTenant, job }: Pick<ActiveRoute, 'sourceTenant' | 'job'>,
  name: string,
): Promise<string | null> {
  const { book, keptOut, cards } = needs.ledger;
  const keys = keysOfName(needs, name);
  const met = await book.knownBy(sourceTenant, keys);
  if (met.length > 1)
    throw new Fault('invalid', `several contacts of ${job} are called so: give one of ${met.join(', ')}`);
  const [id] = met;
  if (id !== undefined) return id;
  // What was erased is in the book no longer, but still kept out by the same keys.
  const erased = await keptOut.of([name.toLowerCase(), ...keys.map(({ digest }) => digest)]);
  const [known] = await cards.of(sourceTenant, [
    ...new Set(erased.flatMap(({ identity, by }) => (by === 'order' ? identity : []))),
  ]);
  if (known) return known.identity;
  const ids = await book.identities(sourceTenant);
  return ids.find((one) => one === name.toLowerCase()) ?? null;
}

/** What a shared contact of this address or name is met by. */
export function keysOfName(needs: Pick<Needs, 'digest'>, name: string): Key[] {
  const card = name.includes('@') ? { emailAddresses: [{ name: '', address: name }] } : { displayName: name };
  return keysOf(needs, { card });
}
