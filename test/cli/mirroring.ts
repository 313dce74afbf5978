import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execute } from '../../src/cli/program.ts';
import { loadConfig, type MirrorJobConfig, type TenantConfig } from '../../src/kit/config/config.ts';
import { fakeWorld } from './fake-world.ts';

export const A = '7b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a11';
export const B = '2d4a7f10-8f0e-4a51-9a6e-5b3c1f0e7d22';
export const APP = 'c0a8f3d2-6f57-4b8e-8a3c-94f1f0b7e822';
export const HUB = '9c4e33aa-0b7e-4f5e-bd0d-3a8f6a9c4e33';
export const USER = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';
export const SECRET = 's3cret~with: # odd "things"';

/** What every variable of the mirroring script begins with. */
export const P = 'AUTOMATION_SYNCCONTACTS_';

/** The variables of a single tenant, and a tenant in a list. */
export const SINGLE = {
  [`${P}TENANT_ID`]: A.toUpperCase(),
  [`${P}CLIENT_ID`]: APP,
  [`${P}CLIENT_SECRET`]: SECRET,
  [`${P}GLOBAL_ADDRESS_BOOK_USER_ID`]: HUB,
};
export const TENANT = { TenantId: A, ClientId: APP, ClientSecret: SECRET, GlobalAddressBookUserId: HUB };
export const OTHER = { ...TENANT, TenantId: B, ClientSecret: 'another one' };

export type Variables = Readonly<Record<string, string>>;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `import mirroring` into this folder, whatever comes of it. */
export async function importInto(folder: string, env: Variables, ...file: readonly string[]): Promise<Ended> {
  const { world, seen } = fakeWorld({ env });
  const args = ['import', 'mirroring', ...file, '--to', path.join(folder, 'contact-sync.yaml')];
  const code = await execute(args, world);
  return { code, stdout: seen.stdout, stderr: seen.stderr };
}

interface Imported {
  readonly stdout: string;
  readonly tenants: readonly TenantConfig[];
  readonly jobs: readonly MirrorJobConfig[];
  readonly yaml: string;
}

/** The same where it succeeds; `text`: a file in place of the environment. */
export async function importedInto(folder: string, env: Variables, text?: string): Promise<Imported> {
  const file = path.join(folder, 'variables');
  if (text !== undefined) await writeFile(file, text);
  const { code, stdout, stderr } = await importInto(folder, env, ...(text === undefined ? [] : [file]));
  if (code !== 0 || stderr !== '') throw new Error(`It exits with ${code}: ${stderr}`);
  const to = path.join(folder, 'contact-sync.yaml');
  const { tenants, jobs } = loadConfig(to, {}, { secrets: 'unread' });
  const mirrors = jobs.filter((job): job is MirrorJobConfig => job.kind === 'mirror');
  if (mirrors.length !== jobs.length) throw new Error('There are jobs of another kind.');
  return { stdout, tenants, jobs: mirrors, yaml: await readFile(to, 'utf8') };
}
