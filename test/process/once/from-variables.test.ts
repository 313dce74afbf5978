import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProgram, type Ended } from '../program.ts';
import { company, names, P, single, type Company } from './companies.ts';
import { openInternet, type Internet } from './internet.ts';

/* The real program with the variables of the mirroring script and no file, over HTTPS to the names of the global cloud. */

const ALLOWED = { CONTACT_SYNC_ALLOW_CLIENT_SECRET: 'true' };

let folder: string;
let contoso: Company;
let internet: Internet;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-variables-'));
  contoso = company(1);
  internet = await openInternet([contoso.tenant], folder);
});

afterEach(async () => {
  expect(contoso.tenant.oracles.violations).toEqual([]);
  contoso.tenant.close();
  await internet.close();
  await rm(folder, { recursive: true, force: true });
});

/** `sync --once` in the folder. No secret is ever printed. */
async function sync(env: Readonly<Record<string, string>>): Promise<Ended> {
  const ended = await startProgram(['sync', '--once'], { ...internet.env, ...env }, folder).ended;
  expect(ended.stdout + ended.stderr).not.toContain(contoso.secret);
  return ended;
}

test('without the word that allows it a client secret is refused, and the reason is said', async () => {
  const { code, stderr, stdout } = await sync(single(contoso));
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^contact-sync: AUTOMATION_SYNCCONTACTS_CLIENT_SECRET is a client secret: whoever reads it.*\n$/,
  );
  expect(stderr).toContain('CONTACT_SYNC_ALLOW_CLIENT_SECRET=true');
  expect(await readdir(folder)).toEqual(['authority.pem']);
  expect(contoso.tenant.httpRequests).toBe(0);
});

test('a dry run shows what would be written, and writes nothing, not even a data folder', async () => {
  const ended = await sync({ ...ALLOWED, ...single(contoso), [`${P}DRY_RUN`]: 'Yes' });
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain(`${P}DRY_RUN is set: this is a plan, and nothing is written`);
  expect(ended.stdout).toContain('6 to create, 3 to change');
  expect(ended.stdout).toContain('nothing was written');
  expect(names(contoso)).toEqual([[], ['Customer 1-0'], ['Customer 1-1'], ['Customer 1-2']]);
  expect(await readdir(folder)).toEqual(['authority.pem']);
});

test('a configuration file counts, and it is said that the variables do not', async () => {
  await writeFile(path.join(folder, 'contact-sync.yaml'), 'tenants: {}\njobs: {}\n');
  const { code, stderr } = await sync({ ...ALLOWED, ...single(contoso) });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^contact-sync: contact-sync\.yaml counts; the variables .* are ignored\n/);
  expect(contoso.tenant.httpRequests).toBe(0);
});
