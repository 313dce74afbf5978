import { connect } from 'node:net';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/engine/ledger-port.ts';
import { silentLog } from '../../../src/kit/log.ts';
import { openPostgresLedger } from '../../../src/ledger/postgres/open.ts';
import { openPool } from '../../../src/ledger/postgres/pool.ts';
import { freePort } from '../../process/free-port.ts';
import { saveRoute, show, TENANT } from '../../contracts/ledger-setup.ts';
import { postgresHome } from './home.ts';

const home = postgresHome();

/** Somebody with the whole database in his hands. */
async function asAdministrator<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: home.url() });
  // It is among those that get cut off.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const OURS = "from pg_stat_activity where application_name = 'contact-sync' and datname = current_database()";

function connections(): Promise<{ all: number; working: number }> {
  return asAdministrator(async (client) => {
    const { rows } = await client.query<{ all: number; working: number }>(
      `select count(*)::int as all, (count(*) filter (where state <> 'idle'))::int as working ${OURS}`,
    );
    return rows[0] ?? { all: 0, working: 0 };
  });
}

async function saveAndShow(ledger: Ledger): Promise<unknown[]> {
  return show(ledger, await saveRoute(ledger), ['ann']);
}

/** What comes of it at another address. */
function opening(change: (url: URL) => void): Promise<unknown> {
  const url = new URL(home.url());
  change(url);
  return openPostgresLedger({ url: url.href, tls: 'off' }).then(
    () => 'opened',
    (error: unknown) => error,
  );
}

describe('a server that stops', () => {
  test.each(['fast', 'immediate'] as const)(
    '(%s) is a fault, and what was committed is there when it is back',
    async (mode) => {
      const ledger = await home.open();
      const route = await saveRoute(ledger);
      await show(ledger, route, ['ann']);
      await home.server().stop(mode);
      try {
        await expect(ledger.cards.of(TENANT, ['ann'])).rejects.toMatchObject({ kind: 'unavailable' });
        await expect(show(ledger, route, ['bob'])).rejects.toMatchObject({
          kind: 'unavailable',
          code: 'ECONNREFUSED',
        });
      } finally {
        await home.server().start();
      }
      expect((await ledger.cards.of(TENANT, ['ann', 'bob'])).map((card) => card.identity)).toEqual(['ann']);
      await show(ledger, route, ['bob']);
      expect((await ledger.cards.count(route.key)).shown).toBe(2);
    },
  );
});

describe('connections that are cut', () => {
  test('in the middle of work fail it whole, and never the program', async () => {
    const ledger = await home.open();
    const route = await saveRoute(ledger);
    const outcomes: PromiseSettledResult<unknown>[] = [];
    for (let round = 0, cuts = 0; cuts < 10; round++) {
      const names = Array.from({ length: 20 }, (_, index) => `person-${round}-${index}`);
      const work = Promise.allSettled([
        ...names.map((name) => show(ledger, route, [name, `${name}-too`])),
        ...names.map(() => ledger.counters.add('n', 1)),
      ]);
      cuts += await asAdministrator(async (client) => {
        const { rowCount } = await client.query(
          `select pg_terminate_backend(pid) ${OURS} and state <> 'idle'`,
        );
        return rowCount ?? 0;
      });
      outcomes.push(...(await work));
    }
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    const kinds = new Set(
      failed.map(({ reason }: PromiseRejectedResult) => (reason as { kind?: string }).kind),
    );
    expect(kinds.difference(new Set(['unavailable', 'unknown-outcome']))).toEqual(new Set());
    // Both people of a call or neither.
    const people = new Set(await ledger.cards.identities(TENANT));
    for (const name of people)
      expect(people.has(name.endsWith('-too') ? name.slice(0, -4) : `${name}-too`)).toBe(true);
    expect(people.size).toBeGreaterThan(0);
    expect((await connections()).working).toBe(0);
  });
});

describe('connections of the ledger', () => {
  test('are as many as it may have, carry our name and our limits, and none is in the middle of anything', async () => {
    const ledger = await home.open({ poolSize: 3, statementTimeoutMs: 4_321 });
    const route = await saveRoute(ledger);
    await Promise.all(Array.from({ length: 30 }, (_, index) => show(ledger, route, [`person-${index}`])));
    expect(await connections()).toEqual({ all: 3, working: 0 });
    const pool = openPool({ url: home.url(), tls: 'off', statementTimeoutMs: 4_321, log: silentLog });
    const client = await pool.connect();
    const setting = async (name: string): Promise<unknown> => {
      const { rows } = await client.query<Record<string, unknown>>(
        `select current_setting('${name}') as value`,
        [],
      );
      return rows[0]?.['value'];
    };
    expect(await setting('statement_timeout')).toBe('4321ms');
    expect(await setting('lock_timeout')).toBe('15s');
    expect(await setting('idle_in_transaction_session_timeout')).toBe('10s');
    expect(await setting('jit')).toBe('off');
    client.release();
    await pool.end();
  });

  test('are given back when nobody works', async () => {
    const ledger = await home.open();
    const route = await saveRoute(ledger);
    await Promise.all(Array.from({ length: 10 }, (_, index) => show(ledger, route, [`person-${index}`])));
    expect((await connections()).all).toBeGreaterThan(0);
    await expect.poll(async () => (await connections()).all, { timeout: 30_000 }).toBe(0);
    expect((await ledger.cards.count(route.key)).shown).toBe(10);
  });

  test('are good after a wait that was too long', async () => {
    const ledger = await home.open({ poolSize: 1, statementTimeoutMs: 300 });
    await asAdministrator(async (client) => {
      await client.query('begin; lock table writers in exclusive mode');
      await expect(saveAndShow(ledger)).rejects.toMatchObject({ kind: 'unavailable', code: '57014' });
      await expect(ledger.links.save({ bump: { tenant: TENANT, slab: 0 } })).rejects.toMatchObject({
        kind: 'unavailable',
      });
      // Whoever only reads waits for nobody.
      expect(await ledger.links.inSlab(TENANT, 0, ['ann'])).toEqual({ cards: [], links: [] });
      await client.query('rollback');
    });
    expect(await saveAndShow(ledger)).toHaveLength(1);
  });

  test('of a ledger that was closed are closed', async () => {
    const ledger = await home.open();
    await ledger.counters.add('n', 1);
    await ledger.close();
    // The server takes a moment to see that its client has gone.
    await expect.poll(async () => (await connections()).all, { timeout: 5_000 }).toBe(0);
    await expect(ledger.counters.read('n')).rejects.toThrow(/destroyed/);
  });
});

describe('a ledger cannot be opened', () => {
  test('with a wrong password, which is told without it', async () => {
    const error = await opening((url) => (url.password = 'hunter2'));
    expect(error).toMatchObject({ kind: 'unauthorized', code: '28P01' });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });

  test('in a database that is not there', async () => {
    expect(await opening((url) => (url.pathname = '/nowhere'))).toMatchObject({
      kind: 'unavailable',
      code: '3D000',
    });
  });

  test('where nobody listens', async () => {
    const port = await freePort();
    expect(await opening((url) => (url.port = String(port)))).toMatchObject({
      kind: 'unavailable',
      code: 'ECONNREFUSED',
    });
  });

  test('and a token in place of the password is asked for each connection', async () => {
    const password = decodeURIComponent(new URL(home.url()).password);
    let asked = 0;
    const ledger = await openPostgresLedger({
      url: home.url().replace(`:${password}@`, '@'),
      tls: 'off',
      password: () => {
        asked++;
        return Promise.resolve(password);
      },
    });
    await Promise.all(Array.from({ length: 5 }, () => ledger.counters.add('n', 1)));
    expect(await ledger.counters.read('n')).toBe(5);
    expect(asked).toBe((await connections()).all);
    await ledger.close();
  });

  test('the server of these tests listens on loopback alone', async () => {
    const { port } = new URL(home.url());
    const refused = await new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.2');
      socket.once('connect', () => resolve(false));
      socket.once('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });
});
