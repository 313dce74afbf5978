import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAddress } from '../../../src/ledger/postgres/address.ts';
import { openPostgresLedger } from '../../../src/ledger/postgres/open.ts';
import type { PoolOptions } from '../../../src/ledger/postgres/pool.ts';
import { startPostgres, type PostgresServer } from '../../postgres/start.ts';
import { makeCertificates, type Certificates } from '../../tenant/certificates.ts';

describe('the way to the server', () => {
  let server: PostgresServer | undefined;
  let certificates: Certificates | undefined;
  let url = '';
  beforeAll(async () => {
    certificates = await makeCertificates();
    server = await startPostgres({ tls: certificates.server });
    url = await server.database();
  });
  afterAll(() => server?.close());

  const opening = async (more: Partial<PoolOptions>): Promise<unknown> => {
    try {
      const ledger = await openPostgresLedger({ url, ...more });
      await ledger.counters.add('n', 1);
      await ledger.close();
      return 'opened';
    } catch (error) {
      return error;
    }
  };

  test('is encrypted, and the certificate of an authority of our own is checked', async () => {
    expect(await opening({ tls: { ca: certificates?.ca ?? '' } })).toBe('opened');
  });

  test('is closed to a server whose authority nobody knows, whatever sslmode says', async () => {
    const closed = { kind: 'unavailable', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
    expect(await opening({})).toMatchObject(closed);
    expect(await opening({ url: `${url}?sslmode=require` })).toMatchObject(closed);
    expect(await opening({ url: `${url}?sslmode=prefer` })).toMatchObject(closed);
  });

  test('is closed to a server that has another one’s certificate', async () => {
    const { ca } = await makeCertificates();
    expect(await opening({ tls: { ca } })).toMatchObject({ kind: 'unavailable' });
    const elsewhere = url.replace('127.0.0.1', '127.1');
    expect(new URL(elsewhere.replace('postgres:', 'http:')).hostname).toBe('127.0.0.1');
    // The same server by a name that its certificate does not bear.
    const named = await opening({ url: elsewhere, tls: { ca: certificates?.ca ?? '' } });
    expect(named).toMatchObject({ kind: 'unavailable', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  test('is plain only where somebody says so', async () => {
    expect(await opening({ tls: 'off' })).toBe('opened');
    expect(await opening({ url: `${url}?sslmode=disable` })).toBe('opened');
  });

  test('is not taken at all to a server that cannot encrypt', async () => {
    const plain = await startPostgres();
    try {
      expect(await opening({ url: await plain.database() })).toMatchObject({
        kind: 'unavailable',
        message: "the ledger's database does not encrypt its connections",
      });
    } finally {
      await plain.close();
    }
  });
});

describe('an address', () => {
  test('is read whole', () => {
    expect(readAddress({ url: 'postgresql://some%40one:p%3Aw@db.example:6432/my%20ledger' })).toEqual({
      host: 'db.example',
      port: 6_432,
      database: 'my ledger',
      user: 'some@one',
      password: 'p:w',
      ssl: { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    });
    expect(readAddress({ url: 'postgres://me@[::1]/ledger' })).toMatchObject({
      host: '::1',
      port: 5_432,
      ssl: { host: '::1' },
    });
    expect(readAddress({ url: 'postgres://me@localhost/ledger?host=/var/run/postgresql' })).toMatchObject({
      host: '/var/run/postgresql',
      ssl: false,
    });
  });

  test.each([
    ['nonsense', /is not one/],
    ['mysql://me@db/ledger', /is not one/],
    ['postgres://me:secret@db', /no database/],
    ['postgres://me:secret@db/ledger?sslrootcert=/etc/ca.pem', /sslrootcert/],
    ['postgres://me:secret@db/ledger?sslmode=no-verify', /no-verify/],
  ])('%s is refused in one line that tells nothing of it', (url, why) => {
    const refusal = (): unknown => readAddress({ url });
    expect(refusal).toThrow(why);
    expect(refusal).not.toThrow(/secret|me:/);
  });
});
