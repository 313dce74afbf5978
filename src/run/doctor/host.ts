import { accessSync, constants, existsSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { keyOf, peekDataFolder, refuseAnotherKey } from '../../kit/data-folder.ts';
import { DataFolderFault } from '../../kit/data-folder-fault.ts';
import type { Config } from '../../kit/config/config.ts';
import { errorCode } from '../../kit/errno.ts';
import { LEDGER_FILE } from '../files.ts';
import { failed, skipped, warning, well, type Check, type Examined, type Look } from './check.ts';

/** What `package.json` demands as well. */
const NODE_AT_LEAST = [24, 12] as const;
const OTHERS = 0o007;
const OTHERS_WRITE = 0o002;
const ANYBODY_ELSE = 0o077;
/** Bits of a mode mean nothing there. */
const HAS_MODES = process.platform !== 'win32';

export const node: Check<Examined> = {
  name: 'node',
  needs: [],
  look: async ({ versions }) => {
    const [major = 0, minor = 0] = versions.node.split('.').map(Number);
    const [leastMajor, leastMinor] = NODE_AT_LEAST;
    if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return [well(versions.node)];
    return [
      failed({
        found: `this is Node ${versions.node}, and ${NODE_AT_LEAST.join('.')} is the oldest that works`,
        remedy: 'start it with "npm run contact-sync --", which brings its own, or install a newer one',
      }),
    ];
  },
};

export const version: Check<Examined> = {
  name: 'version',
  needs: [],
  look: async ({ versions }) => [
    well(
      `contact-sync ${versions.program}, ${process.platform} ${process.arch}, OpenSSL ${process.versions.openssl}`,
    ),
  ],
};

/** That they can be read has been seen by then: they were. */
export const files: Check<Examined> = {
  name: 'files',
  needs: [],
  look: async ({ config }) => {
    const looks = [configuration(config.file), ...secretFiles(config).map(secret)];
    return looks.filter((look) => look.state !== 'skipped');
  },
};

function configuration(file: string): Look {
  const about = path.basename(file);
  if (!HAS_MODES || (statSync(file).mode & OTHERS_WRITE) === 0) return well('can be read', about);
  return failed({
    found: 'anybody on this machine may change it, and with it who is shown to whom',
    remedy: `chmod o-w ${file}`,
    about,
  });
}

function secret(file: string): Look {
  const about = path.basename(file);
  let stats: Stats;
  try {
    stats = statSync(file);
  } catch {
    return skipped('reported with the secrets', about);
  }
  if (HAS_MODES && (stats.mode & OTHERS) !== 0)
    return failed({
      found: 'anybody on this machine may read this secret',
      remedy: `chmod 600 ${file}, as the user of the service; 640 where its group reads it`,
      about,
    });
  return well('can be read, and not by everybody', about);
}

/** Absolute paths of the files that hold secrets, each once. */
function secretFiles({ file, tenants, notifications, fingerprintKey, queue, ledger }: Config): string[] {
  const references = [
    ...tenants.flatMap(({ credential }) => {
      if (credential.kind === 'certificate') return [credential.pem.reference];
      if (credential.kind === 'pfx') return [`file:${credential.file}`, credential.passphrase.reference];
      return credential.kind === 'clientSecret' ? [credential.secret.reference] : [];
    }),
    notifications?.clientStateKey.reference,
    notifications?.previousClientStateKey?.reference,
    fingerprintKey?.reference,
    queue.kind === 'serviceBus' && queue.access.kind === 'connectionString'
      ? queue.access.text.reference
      : undefined,
    ledger.kind === 'postgres' ? ledger.url.reference : undefined,
  ];
  const names = references.flatMap((one) => (one?.startsWith('file:') ? one.slice('file:'.length) : []));
  return [...new Set(names.map((name) => path.resolve(path.dirname(file), name)))];
}

export const dataFolder: Check<Examined> = {
  name: 'data folder',
  // Of a process that is alone: with shared stores nothing is kept there.
  needs: ['ledger'],
  look: async ({ config }) => {
    const { ledger, data } = config;
    if (ledger.kind !== 'sqlite') return [];
    if (!existsSync(data)) return [absent(data)];
    const stats = statSync(data);
    const own = process.getuid?.();
    if (HAS_MODES && own !== undefined && own !== stats.uid)
      return [
        warning({
          found: `${data} belongs to another user than the one who runs this`,
          remedy:
            'run doctor as the user of the service (sudo -u contact-sync ...): what that one may do is what counts',
        }),
      ];
    try {
      accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      return [failed({ found: `${data} cannot be written (${errorCode(error)})`, remedy: OWN })];
    }
    if (HAS_MODES && (stats.mode & ANYBODY_ELSE) !== 0)
      return [failed({ found: `${data} is open to other users`, remedy: `chmod 700 ${data}` })];
    return [identity(config)];
  },
};

/** Both outlive everything else in the folder: under another id or key the service does not know its own work. */
function identity({ data, deployment: given, fingerprintKey: key }: Config): Look {
  const remedy =
    'where a file was lost or changed, restore it from the backup of the folder before the next start';
  try {
    const { deployment, fingerprintKey, file } = peekDataFolder({
      path: data,
      deployment: given,
      fingerprintKey: null,
    });
    const isUsed = existsSync(file(LEDGER_FILE));
    if (isUsed && deployment === null)
      return failed({ found: `${file('deployment')} is missing beside a ledger`, remedy });
    if (isUsed && key === null && fingerprintKey === null)
      return failed({
        found: `${file('fingerprint.key')} is missing: every contact would be written anew`,
        remedy,
      });
    if (key !== null) refuseAnotherKey(data, keyOf(key.text()));
    return well(data);
  } catch (error) {
    if (!(error instanceof DataFolderFault)) throw error;
    return failed({ found: error.message, remedy });
  }
}

const OWN = 'give the folder to the user of the service: chown, and chmod 700';

/** It is made by the first start, in the nearest folder above that is there. */
function absent(data: string): Look {
  let above = path.dirname(data);
  while (!existsSync(above)) above = path.dirname(above);
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
    return skipped(`there is none yet: the first start makes ${data}`);
  } catch (error) {
    return failed({ found: `${data} cannot be made in ${above} (${errorCode(error)})`, remedy: OWN });
  }
}
