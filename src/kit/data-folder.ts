import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DataFolderFault } from './data-folder-fault.ts';
import { errorCode } from './errno.ts';
import { lockFolder } from './folder-lock.ts';
import { uuid, type Random } from './random.ts';
import { storeDurably } from './store-durably.ts';

/** The folder that one installation owns: its lock, its id, its key, and the SQLite files of others. */
export interface DataFolder {
  readonly path: string;
  /** Stands in every mark and subscription; constant for the life of the installation. */
  readonly deployment: string;
  /** Made by this very start: nothing anywhere bears it yet. */
  readonly isNew: boolean;
  /** Key of the ledger's fingerprints, 32 bytes unless given by reference. */
  readonly fingerprintKey: Uint8Array;
  /** Absolute path of a file in the folder. */
  file(name: string): string;
  /** Lets the next process in. */
  close(): void;
}

/** What `status` may see beside a running service. */
export type DataFolderView = Pick<DataFolder, 'path' | 'deployment' | 'file'>;

export interface DataFolderOptions {
  /** Absolute. Made, for this user alone, when it is not there. */
  readonly path: string;
  /** From the configuration; null: kept in the folder. */
  readonly deployment: string | null;
  /** From the configuration; null: kept in the folder. */
  readonly fingerprintKey: Uint8Array | null;
  /** What the folder keeps from then on, where it keeps no key yet; absent: one is made. */
  readonly firstKey?: Uint8Array | undefined;
  readonly random: Random;
}

const DEPLOYMENT = 'deployment';
const KEY = 'fingerprint.key';
const HEX_KEY = /^[0-9a-f]{64}$/;

/**
 * Locks and opens the data folder; makes the deployment id and the fingerprint key on the first start. Throws
 * `HeldByAnother` while another process has it, `DataFolderFault` when its content does not fit.
 */
export function openDataFolder(options: DataFolderOptions): DataFolder {
  makeFolder(options.path);
  const lock = lockFolder(options.path);
  try {
    const stored = storedDeployment(options.path);
    const deployment = deploymentOf(options, stored);
    const isNew = stored === undefined && options.deployment === null;
    const fingerprintKey = options.fingerprintKey ?? ownKey(options);
    refuseAnotherKey(options.path, fingerprintKey);
    return { ...view(options.path, deployment), isNew, fingerprintKey, close: () => lock.release() };
  } catch (fault) {
    lock.release();
    throw fault;
  }
}

/** Looks without lock or change. Throws `DataFolderFault` when no service has started here yet. */
export function viewDataFolder(folder: string): DataFolderView {
  const deployment = storedDeployment(folder);
  if (deployment === undefined) {
    throw new DataFolderFault(
      `there is no data in ${folder} yet: start the service once (run, or sync --once)`,
    );
  }
  return view(folder, deployment);
}

/**
 * What a start would find, without lock or change: the id and the key are null where they would be made. Throws
 * `DataFolderFault` when something is damaged.
 */
export function peekDataFolder({
  path: folder,
  deployment,
  fingerprintKey,
}: Omit<DataFolderOptions, 'firstKey' | 'random'>): {
  readonly deployment: string | null;
  readonly fingerprintKey: Uint8Array | null;
  readonly file: DataFolder['file'];
} {
  return {
    deployment: storedDeployment(folder) ?? deployment,
    fingerprintKey: fingerprintKey ?? storedKey(path.join(folder, KEY)) ?? null,
    file: (name) => path.join(folder, name),
  };
}

function view(folder: string, deployment: string): DataFolderView {
  return { path: folder, deployment, file: (name) => path.join(folder, name) };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (fault) {
    throw new DataFolderFault(`the data folder ${folder} cannot be made (${errorCode(fault)})`, {
      cause: fault,
    });
  }
}

/**
 * The id must outlive everything else here: under another id the program would not know its own contacts, and
 * would put every one of them a second time. So it is never made anew beside a ledger, and never changed.
 */
function deploymentOf(
  { path: folder, deployment: given, random }: DataFolderOptions,
  stored: string | undefined,
): string {
  if (stored !== undefined) {
    if (given === null || given === stored) return stored;
    throw new DataFolderFault(
      `deployment differs from the one ${path.join(folder, DEPLOYMENT)} was started with, and every contact bears that one: ` +
        'put it back in the configuration, or use an empty data folder',
    );
  }
  if (given === null && readdirSync(folder).some((name) => /\.(db|sqlite3?)$/.test(name))) {
    throw new DataFolderFault(
      `${path.join(folder, DEPLOYMENT)} is missing beside a database: restore it, or name the id with "deployment" in the configuration`,
    );
  }
  const made = given ?? uuid(random);
  storeDurably(path.join(folder, DEPLOYMENT), `${made}\n`);
  return made;
}

function storedDeployment(folder: string): string | undefined {
  const text = readIfThere(path.join(folder, DEPLOYMENT))?.trim();
  if (text === undefined || /^[a-z0-9][a-z0-9-]{0,35}$/.test(text)) return text;
  throw new DataFolderFault(`${path.join(folder, DEPLOYMENT)} is damaged: restore it from a backup`);
}

/** 32 bytes, random unless given, kept as hex digits so that an administrator can copy them. */
function ownKey({ path: folder, firstKey, random }: DataFolderOptions): Uint8Array {
  const file = path.join(folder, KEY);
  const stored = storedKey(file);
  if (stored !== undefined) return stored;
  const made = firstKey ?? random.bytes(32);
  storeDurably(file, `${Buffer.from(made).toString('hex')}\n`);
  return made;
}

/** Under another key every fingerprint would look changed, and every contact be written anew. */
export function refuseAnotherKey(folder: string, fingerprintKey: Uint8Array): void {
  const file = path.join(folder, KEY);
  const stored = storedKey(file);
  if (stored === undefined || Buffer.from(stored).equals(fingerprintKey)) return;
  throw new DataFolderFault(
    `fingerprintKey is not the key in ${file}, and under another key every contact looks changed: if it was added just now, name that ` +
      'file, or what it holds; if the service has been running with it, move that file away',
  );
}

/** A key as it is written down: 64 hex digits are the 32 bytes that they spell, any other text is its UTF-8. */
export function keyOf(text: string): Uint8Array {
  return HEX_KEY.test(text) ? Buffer.from(text, 'hex') : new TextEncoder().encode(text);
}

function storedKey(file: string): Uint8Array | undefined {
  const text = readIfThere(file)?.trim();
  if (text === undefined) return undefined;
  // A damaged key is not replaced: a new one would make every fingerprint of the ledger look changed.
  if (!HEX_KEY.test(text)) throw new DataFolderFault(`${file} is damaged: restore it from a backup`);
  return Buffer.from(text, 'hex');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (fault) {
    if (errorCode(fault) === 'ENOENT') return undefined;
    throw new DataFolderFault(`${file} cannot be read (${errorCode(fault)})`, { cause: fault });
  }
}
