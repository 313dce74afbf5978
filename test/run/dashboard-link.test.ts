import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { dashboardLink } from '../../src/run/dashboard-link.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dashboard-link-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENTRA = 'publicUrl: "https://dashboard.contoso.com", entra: { tenant: contoso }';

const linkWith = (dashboard: string) =>
  dashboardLink(
    read(`${MINIMAL}dashboard: ${dashboard}\ndata: ${folder}\n`),
    { clock: systemClock, random: systemRandom },
    'admin',
  );

const PAGE = 'https://dashboard.contoso.com/sign-in';

test.each([
  ['{}', 'http://127.0.0.1:8090', null],
  ['{ listen: "[::1]:9000" }', 'http://[::1]:9000', null],
  [`{ listen: "localhost:9000", ${ENTRA} }`, 'http://localhost:9000', null],
  [`{ listen: "0.0.0.0:8090", ${ENTRA} }`, 'http://127.0.0.1:8090', PAGE],
  [`{ listen: "[::]:8090", ${ENTRA} }`, 'http://127.0.0.1:8090', PAGE],
])('with %s a link leads to where a browser reaches it: %s', (dashboard, origin, elsewhere) => {
  const link = linkWith(dashboard);
  expect(link?.url).toBe(`${origin}/sign-in?code=${link?.code}`);
  expect(link?.code).toMatch(/^[\w-]{43}$/);
  expect(link?.elsewhere).toBe(elsewhere);
});

test('at the public name no address bears the code, which a proxy would log', () => {
  const link = linkWith(`{ listen: "10.0.0.7:8090", ${ENTRA} }`);
  expect(link).toMatchObject({ url: PAGE, elsewhere: null });
  expect(link?.code).toMatch(/^[\w-]{43}$/);
});
