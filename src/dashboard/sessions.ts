import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import type { Random } from '../kit/random.ts';
import type { Access } from './links.ts';

/** Somebody who is signed in. It lives in the memory of this process: a restart signs everybody out. */
export interface Session {
  /** How they signed in. */
  readonly kind: 'link';
  readonly access: Access;
  /** Tells the lines of one session in the log apart, and opens nothing. */
  readonly tag: string;
  /** What the next page says, once. */
  notice: Notice | null;
}

export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

export interface Sessions {
  /** Returns the id that its cookie carries: always a new one. */
  open(kind: Session['kind'], access: Access): string;
  /** Null: nobody, or not any more. `quiet`: a page that refreshes itself keeps nobody signed in. */
  of(id: string | undefined, how?: { readonly quiet: boolean }): Session | null;
  close(id: string): void;
  /** What a form must carry that was made for this cookie. */
  token(cookie: string): string;
  isToken(cookie: string, token: string): boolean;
}

/** After so long without a page that somebody asked for. */
const IDLE_MS = 60 * 60_000;
/** In any case. */
const LONGEST_MS = 12 * 60 * 60_000;
/** Bounds memory; the longest unused goes first. */
const MOST = 100;
const ID_BYTES = 32;

interface Kept {
  readonly session: Session;
  readonly since: number;
  seen: number;
}

export function createSessions({ clock, random }: { clock: Clock; random: Random }): Sessions {
  const key = random.bytes(ID_BYTES);
  // By hash: what lies in memory opens nothing, and looking it up tells nothing by the time it takes.
  const kept = new Map<string, Kept>();

  function expire(): void {
    const now = clock.now();
    for (const [hash, { since, seen }] of kept)
      if (now - since >= LONGEST_MS || now - seen >= IDLE_MS) kept.delete(hash);
    for (const hash of kept.keys()) {
      if (kept.size <= MOST) break;
      kept.delete(hash);
    }
  }

  const token = (cookie: string): string => createHmac('sha256', key).update(cookie).digest('base64url');

  return {
    open(kind, access) {
      const id = freshId(random);
      const hash = hashOf(id);
      const now = clock.now();
      const session = { kind, access, tag: hash.slice(0, 8), notice: null };
      kept.set(hash, { session, since: now, seen: now });
      expire();
      return id;
    },
    of(id, { quiet } = { quiet: false }) {
      if (id === undefined) return null;
      expire();
      const hash = hashOf(id);
      const found = kept.get(hash);
      if (!found) return null;
      if (!quiet) {
        found.seen = clock.now();
        kept.delete(hash);
        kept.set(hash, found);
      }
      return found.session;
    },
    close: (id) => void kept.delete(hashOf(id)),
    token,
    isToken: (cookie, given) => {
      const [expected, found] = [Buffer.from(token(cookie)), Buffer.from(given)];
      return expected.length === found.length && timingSafeEqual(expected, found);
    },
  };
}

export function freshId(random: Random): string {
  return Buffer.from(random.bytes(ID_BYTES)).toString('base64url');
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}
