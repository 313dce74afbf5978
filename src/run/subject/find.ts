import { isOfBook } from '../../engine/kept-out.ts';
import type { Ledger, PersonLink } from '../../engine/ledger-port.ts';
import { routesOf } from '../../jobs/routes.ts';
import type { Config } from '../../kit/config/config.ts';
import { tenantOfBook } from '../../model/book.ts';
import { Fault } from '../../model/fault.ts';
import { idOf, keysOfName, sharedIdOf, type Naming } from '../explain/naming.ts';
import { foundIn, printsIn } from '../found-folder.ts';
import type { Surroundings } from '../service.ts';
import { openLedgerOf } from '../stores.ts';

/** A person as one source knows them. */
export interface Known {
  readonly source: string;
  readonly tenant: string;
  /** The job whose mailboxes share the contact; null for a person of the directory. */
  readonly sharedBy: string | null;
  readonly id: string;
  readonly links: readonly PersonLink[];
}

/**
 * The ledger of the configuration, beside whatever else uses it, with everybody who is called so: by object id, principal name,
 * SyncId, or what a shared contact is met by. Throws `not-found` where the ledger knows nobody, and `invalid` where several
 * shared contacts are called so.
 */
export async function withKnown<T>(
  { config, surroundings }: { readonly config: Config; readonly surroundings: Surroundings },
  name: string,
  use: (ledger: Ledger, known: readonly Known[]) => Promise<T>,
): Promise<T> {
  const ledger = await openLedgerOf(config, surroundings);
  try {
    const naming: Naming = { config, surroundings, known: new Map() };
    const shown = await knownAs(naming, ledger, name);
    const known = shown.length > 0 ? shown : await erasedAs(naming, ledger, name);
    if (known.length === 0)
      throw new Fault(
        'not-found',
        `the ledger knows nobody of this name, so no contact of theirs is anywhere; nothing was done. Look for the spelling, or give the object id. To keep out somebody who was never shown: compliance.keepOut in ${config.file}`,
      );
    return await use(ledger, known);
  } finally {
    await ledger.close();
  }
}

async function knownAs(naming: Naming, ledger: Ledger, name: string): Promise<Known[]> {
  const found: Known[] = [];
  const needs = { ledger, ...printsIn(foundIn(naming.config)) };
  for (const [source, job] of await sourcesOf(naming.config, ledger)) {
    const tenant = tenantOfBook(source);
    const id =
      tenant === null
        ? await idOf(naming, source, name)
        : await sharedIdOf(needs, { sourceTenant: source, job }, name);
    const links = id === null ? null : await ledger.links.ofPerson(source, id);
    if (id !== null && links !== null)
      found.push({ source, tenant: tenant ?? source, sharedBy: tenant === null ? null : job, id, links });
  }
  return found;
}

/**
 * An erasure outlives the jobs that showed the person, and what the ledger remembered of them: whoever was erased is known by that
 * alone, as somebody of the first source of their kind.
 */
async function erasedAs(naming: Naming, ledger: Ledger, name: string): Promise<Known[]> {
  const keys = keysOfName(printsIn(foundIn(naming.config)), name);
  for (const [source, job] of await sourcesOf(naming.config, ledger)) {
    const tenant = tenantOfBook(source);
    const id = tenant === null ? await idOf(naming, source, name) : name.toLowerCase();
    if (id === null) continue;
    const words = await ledger.keptOut.of([id, ...(tenant === null ? [] : keys.map(({ digest }) => digest))]);
    const word = words.find(({ identity, by }) => by === 'order' && isOfBook(identity) === (tenant !== null));
    if (word)
      return [
        {
          source,
          tenant: tenant ?? source,
          sharedBy: tenant === null ? null : job,
          id: word.identity,
          links: [],
        },
      ];
  }
  return [];
}

/** Every source that the ledger or the configuration has a route from, with a job of it. */
async function sourcesOf({ jobs }: Config, ledger: Ledger): Promise<Map<string, string>> {
  const routes = [...(await ledger.routes.all()), ...jobs.flatMap(routesOf)];
  return new Map(routes.map(({ sourceTenant, job }) => [sourceTenant, job]));
}
