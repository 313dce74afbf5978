import type { Kysely } from 'kysely';
import type { PersonLink } from '../engine/ledger-port.ts';
import { linkColumns, unpackLink } from './link-row.ts';
import type { Tables } from './tables.ts';

/** Wherever a person's contact is, by mailbox. Null: the ledger knows nobody of this id. */
export async function linksOfPerson(
  db: Kysely<Tables>,
  { tenant, identity }: { readonly tenant: string; readonly identity: string },
): Promise<PersonLink[] | null> {
  const person = await db
    .selectFrom('people')
    .where('tenant', '=', tenant)
    .where('identity', '=', identity)
    .select('key')
    .executeTakeFirst();
  if (!person) return null;
  const found = await db
    .selectFrom('links as l')
    .innerJoin('places as p', 'p.key', 'l.place')
    .innerJoin('mailboxes as m', 'm.key', 'p.mailbox')
    .innerJoin('routes as r', 'r.key', 'p.route')
    .where('l.person', '=', person.key)
    .select(['l.person', ...linkColumns, 'p.stem', 'p.folder'])
    .select(['m.tenant', 'm.owner', 'r.id as route', 'r.job'])
    .orderBy('r.key')
    .orderBy('m.key')
    .execute();
  return found.map(({ stem, folder, tenant: where, owner, route, job, ...row }) => ({
    link: unpackLink(row, stem),
    route,
    job,
    tenant: where,
    owner,
    folder,
  }));
}
