import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { DataFolderFault } from '../kit/data-folder-fault.ts';
import { errorCode } from '../kit/errno.ts';
import { storeDurably } from '../kit/store-durably.ts';
import { field, text } from '../kit/json.ts';
import type { Random } from '../kit/random.ts';

/**
 * Links that sign in once. Whoever may write into the data folder is the administrator of this installation: the command line
 * leaves the hash of a code there, and the dashboard takes it away with the first use.
 */

/** What somebody who is signed in may do: everything, or only look. */
export type Access = 'admin' | 'reader';

/** Long enough to come from a terminal to a browser. */
export const LINK_MS = 5 * 60_000;

const FILE = 'dashboard.link';
const CODE_BYTES = 32;
/** Of SHA-256. */
const HASH_BYTES = 32;

/** For whoever serves the dashboard: a folder that the command line made as somebody else would shut it out. */
export function prepareLinks(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/**
 * Makes the one link of this data folder, in place of an older one; returns its code, which is kept nowhere. Throws
 * `DataFolderFault` where the dashboard could not read it.
 */
export function offerLink(
  folder: string,
  { random, now, access }: { readonly random: Random; readonly now: number; readonly access: Access },
): string {
  refuseForeign(folder);
  const code = Buffer.from(random.bytes(CODE_BYTES)).toString('base64url');
  const offered = { hash: hashOf(code).toString('hex'), expires: now + LINK_MS, access };
  storeDurably(path.join(folder, FILE), `${JSON.stringify(offered)}\n`);
  return code;
}

/** Of root alone: a volume in which a group may write. */
const ROOT = 0;

function refuseForeign(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined)
    throw new DataFolderFault(
      `the data folder ${folder} is not there: start the service or its dashboard first, which makes it`,
    );
  const own = process.geteuid?.();
  if (own === undefined || found.uid === own || found.uid === ROOT) return;
  throw new DataFolderFault(
    `the data folder ${folder} belongs to another user (uid ${found.uid}, this is ${own}), and the dashboard could not read ` +
      'the link: nothing was made; run this as the user of the service, such as with sudo -u',
  );
}

/** Takes the link if this is its code. Null: it is another, was used before, or is too old. `foreign`: it cannot be read. */
export function takeLink(folder: string, code: string, now: number): Access | 'foreign' | null {
  try {
    return taken(folder, code, now);
  } catch (fault) {
    if (['EACCES', 'EPERM'].includes(errorCode(fault) ?? '')) return 'foreign';
    throw fault;
  }
}

function taken(folder: string, code: string, now: number): Access | null {
  const file = path.join(folder, FILE);
  const offered = read(file);
  if (offered === null) return null;
  if (now >= offered.expires) {
    rmSync(file, { force: true });
    return null;
  }
  if (!timingSafeEqual(hashOf(code), offered.hash)) return null;
  try {
    // Of two that come at once, in whatever processes, one removes it.
    unlinkSync(file);
  } catch (fault) {
    if (errorCode(fault) === 'ENOENT') return null;
    throw fault;
  }
  return offered.access;
}

interface Offered {
  readonly hash: Buffer;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly access: Access;
}

/** Null where there is none; a damaged one is none. */
function read(file: string): Offered | null {
  let offered: unknown;
  try {
    offered = JSON.parse(readFileSync(file, 'utf8'));
  } catch (fault) {
    if (errorCode(fault) === 'ENOENT' || fault instanceof SyntaxError) return null;
    throw fault;
  }
  const hash = Buffer.from(text(offered, 'hash') ?? '', 'hex');
  const expires = field(offered, 'expires');
  if (hash.length !== HASH_BYTES || typeof expires !== 'number') return null;
  return { hash, expires, access: text(offered, 'access') === 'admin' ? 'admin' : 'reader' };
}

function hashOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
