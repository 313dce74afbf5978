import { describe, expect, test } from 'vitest';
import { MINIMAL, problemsOf, read } from './config-fixture.ts';

const SITE = 'https://dashboard.contoso.com';
const dashboard = (text: string): string => `${MINIMAL}dashboard: ${text}\n`;
const found = (text: string): string[] => problemsOf(dashboard(text));

describe('the dashboard', () => {
  test('stands on loopback, with a link alone, unless told otherwise', () => {
    expect(read(MINIMAL).dashboard).toBeNull();
    expect(read(dashboard('{}')).dashboard).toEqual({
      listen: { host: '127.0.0.1', port: 8090 },
      entra: null,
      sessions: { idleMs: 3_600_000, longestMs: 43_200_000 },
    });
  });

  test('lets people of a tenant sign in, on any address, under one name', () => {
    const text = `{ listen: "0.0.0.0:8090", publicUrl: "${SITE}/", entra: { tenant: contoso }, sessions: { idle: 15m, longest: 8h } }`;
    expect(read(dashboard(text)).dashboard).toEqual({
      listen: { host: '0.0.0.0', port: 8090 },
      entra: { tenant: 'contoso', publicUrl: SITE },
      sessions: { idleMs: 900_000, longestMs: 28_800_000 },
    });
    for (const host of ['localhost:8090', '127.0.0.1:8090', '[::1]:8090'])
      expect(
        read(dashboard(`{ publicUrl: "http://${host}", entra: { tenant: contoso } }`)).dashboard,
      ).toMatchObject({
        entra: { publicUrl: `http://${host}` },
      });
  });

  test.each(['0.0.0.0:8090', '[::]:8090', '10.0.0.7:8090', 'sync.contoso.com:8090'])(
    'is not for others without that: %s',
    (listen) => {
      expect(found(`{ listen: "${listen}" }`)).toEqual([
        expect.stringMatching(
          /^13 dashboard\.listen: expected a loopback address and port such as 127\.0\.0\.1:8090/,
        ),
      ]);
    },
  );

  test.each([
    'http://dashboard.contoso.com',
    'https://dashboard.contoso.com/sync',
    'https://dashboard.contoso.com?x',
    'https://ann@dashboard.contoso.com',
    'dashboard.contoso.com',
    'https://',
  ])('has no such name: %s', (publicUrl) => {
    expect(found(`{ publicUrl: "${publicUrl}", entra: { tenant: contoso } }`)).toEqual([
      expect.stringContaining('dashboard.publicUrl: expected an https origin without a path'),
    ]);
  });

  test('says what is missing, and what goes with nothing', () => {
    expect(found('{ entra: { tenant: contoso } }')).toEqual([
      expect.stringContaining('dashboard.entra: takes publicUrl beside it'),
    ]);
    expect(found(`{ publicUrl: "${SITE}" }`)).toEqual([
      expect.stringContaining('dashboard.publicUrl: means something beside entra alone'),
    ]);
    expect(found(`{ publicUrl: "${SITE}", entra: { tenant: contosso } }`)).toEqual([
      expect.stringContaining('dashboard.entra.tenant: no such tenant in this file: did you mean contoso?'),
    ]);
    expect(found(`{ publicUrl: "${SITE}", entra: {} }`)).toEqual([
      expect.stringContaining('dashboard.entra.tenant: is missing'),
    ]);
  });

  test('takes no tenant whose credential proves nothing at a sign-in', () => {
    const text = dashboard(`{ publicUrl: "${SITE}", entra: { tenant: contoso } }`);
    const managed = text.replace('{ certificate: ./contoso.pem }', '{ managedIdentity: {} }');
    expect(problemsOf(managed)).toEqual([
      expect.stringContaining('the tenant contoso has a managed identity, which proves nothing at a sign-in'),
    ]);
  });

  test.each(['idle: 10s', 'idle: 2d', 'longest: 1m', 'longest: 30d', 'idle: 15'])(
    'keeps nobody signed in for %s',
    (times) => {
      expect(found(`{ sessions: { ${times} } }`)).toEqual([expect.stringContaining('dashboard.sessions.')]);
    },
  );
});
