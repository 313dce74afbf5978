import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import path from 'node:path';
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

/** Makes the one link of this data folder, in place of an older one; returns its code, which is kept nowhere. */
export function offerLink(
  folder: string,
  { random, now, access }: { readonly random: Random; readonly now: number; readonly access: Access },
): string {
  const code = Buffer.from(random.bytes(CODE_BYTES)).toString('base64url');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const offered = { hash: hashOf(code).toString('hex'), expires: now + LINK_MS, access };
  storeDurably(path.join(folder, FILE), `${JSON.stringify(offered)}\n`);
  return code;
}

/** Takes the link if this is its code. Null: it is another, was used before, or is too old. */
export function takeLink(folder: string, code: string, now: number): Access | null {
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
