import type { Kysely } from 'kysely';
import type { TokenRecord, Tokens } from '../engine/ledger-books.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

export function createTokens({ db }: Session): Tokens {
  return {
    read: async (tenant, name) => {
      const row = await db
        .selectFrom('tokens')
        .select(['current', 'previous', 'at'])
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .executeTakeFirst();
      return row ?? null;
    },
    replace: (...[tenant, name, current, at]) => replaceToken(db, { tenant, name, current, at }),
    advance: async (...[tenant, name, current, at]) => {
      await db
        .insertInto('tokens')
        .values({ tenant, name, current, at, previous: null })
        .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet({ current, at }))
        .execute();
    },
    forget: async (tenant, name) => {
      await db.deleteFrom('tokens').where('tenant', '=', tenant).where('name', '=', name).execute();
    },
  };
}

type NewToken = Pick<TokenRecord, 'current' | 'at'> & { readonly tenant: string; readonly name: string };

/** The current token becomes the previous one; also within the transaction that stores what the token yielded. */
export async function replaceToken(db: Kysely<Tables>, token: NewToken): Promise<void> {
  await db
    .insertInto('tokens')
    .values({ ...token, previous: null })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'name']).doUpdateSet((eb) => ({
        previous: eb.ref('tokens.current'),
        current: token.current,
        at: token.at,
      })),
    )
    .execute();
}
