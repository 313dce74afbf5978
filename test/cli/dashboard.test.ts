import { expect, test } from 'vitest';
import type { DashboardLink } from '../../src/run/dashboard-link.ts';
import { execute } from '../../src/cli/program.ts';
import { fakeWorld, writeConfig } from './fake-world.ts';

const PAGE = 'https://dashboard.contoso.com/sign-in';

async function link(extra: string, ...more: string[]) {
  const { world, seen } = fakeWorld();
  const config = await writeConfig(extra);
  const code = await execute(['dashboard', 'link', '--config', config, ...more], world);
  return { code, ...seen };
}

test('prints the link, and how long it holds', async () => {
  const { code, stdout } = await link('dashboard: {}\n');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:8090\/sign-in\?code=abc\nSigns in once, until 20\S+Z\.\n$/);
  const reader = await link('dashboard: { listen: "127.0.0.1:9000" }\n', '--reader', '--json');
  expect(JSON.parse(reader.stdout)).toMatchObject({
    url: 'http://127.0.0.1:9000/sign-in?code=abc',
    access: 'reader',
  });
});

test.each<[Pick<DashboardLink, 'url' | 'elsewhere'>, string]>([
  [{ url: PAGE, elsewhere: null }, `${PAGE}\nCode, to be typed there: abc\n`],
  [
    { url: 'http://127.0.0.1:8090/sign-in?code=abc', elsewhere: PAGE },
    `http://127.0.0.1:8090/sign-in?code=abc\nWhere that does not lead to it, such as from outside of a container, open ${PAGE} and type the code: abc\n`,
  ],
])('prints the code apart where it is typed: %j', async (ways, words) => {
  const made: DashboardLink = { ...ways, code: 'abc', access: 'reader', expires: '2026-11-30T12:00:00.000Z' };
  const { world, seen } = fakeWorld({ dashboardLink: () => made });
  await execute(['dashboard', 'link', '--config', await writeConfig('dashboard: {}\n')], world);
  expect(seen.stdout).toBe(`${words}Signs in once, until 2026-11-30T12:00:00.000Z, to look only.\n`);
});

test('says what is missing where there is no dashboard', async () => {
  const { code, stderr } = await link('');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^contact-sync: there is no dashboard in .*: add the key dashboard/);
});

test.each(['127.0.0.1', '127.0.0.1:0', '[::1]', '8090'])(
  'takes an address with its port, and not %s',
  async (listen) => {
    const { code, stderr } = await link(`dashboard: { listen: "${listen}" }\n`);
    expect(code).toBe(2);
    expect(stderr).toContain('dashboard.listen: expected an address and port such as 127.0.0.1:8090');
  },
);

test.each(['0.0.0.0:8090', '192.0.2.1:8090', 'sync.contoso.com:8090', '[::]:8090'])(
  'listens on loopback alone, and not on %s, where a link alone signs in',
  async (listen) => {
    const { code, stderr } = await link(`dashboard: { listen: "${listen}" }\n`);
    expect(code).toBe(2);
    expect(stderr).toContain('dashboard.listen: expected a loopback address and port such as 127.0.0.1:8090');
  },
);

test('its help opens the tunnel without a command, which would end it', async () => {
  const { world, seen } = fakeWorld();
  await execute(['dashboard', 'link', '--help'], world);
  expect(seen.stdout).toMatch(/^  ssh -L 8090:127\.0\.0\.1:8090 sync\.contoso\.com$/m);
});
