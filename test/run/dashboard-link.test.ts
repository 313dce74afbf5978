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

test.each([
  ['{}', 'http://127.0.0.1:8090'],
  ['{ listen: "[::1]:9000" }', 'http://[::1]:9000'],
  [`{ listen: "localhost:9000", ${ENTRA} }`, 'http://localhost:9000'],
  [`{ listen: "0.0.0.0:8090", ${ENTRA} }`, 'http://127.0.0.1:8090'],
  [`{ listen: "[::]:8090", ${ENTRA} }`, 'http://127.0.0.1:8090'],
  [`{ listen: "10.0.0.7:8090", ${ENTRA} }`, 'https://dashboard.contoso.com'],
])('with %s a link leads to where a browser reaches it: %s', (dashboard, origin) => {
  const config = read(`${MINIMAL}dashboard: ${dashboard}\ndata: ${folder}\n`);
  const link = dashboardLink(config, { clock: systemClock, random: systemRandom }, 'admin');
  expect(link?.url).toMatch(/^https?:\/\/[^/]+\/sign-in\?code=[\w-]{43}$/);
  expect(new URL(link?.url ?? '').origin).toBe(origin);
});
