import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import type { DashboardConfig } from '../kit/config/dashboard.ts';
import type { Random } from '../kit/random.ts';
import type { Access } from './links.ts';

/** How somebody signed in, and what they may do. */
export interface Entrant {
  readonly kind: 'link' | 'entra';
  readonly access: Access;
  /** Object id in Entra; null: by a link, which is nobody's in particular. */
  readonly account: string | null;
}

/** Somebody who is signed in. It lives in the memory of this process: a restart signs everybody out. */
export interface Session extends Entrant {
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
  open(entrant: Entrant): string;
  /** Null: nobody, or not any more. `quiet`: a page that refreshes itself keeps nobody signed in. */
  of(id: string | undefined, how?: { readonly quiet: boolean }): Session | null;
  close(id: string): void;
  /** What a form must carry that was made for this cookie. */
  token(cookie: string): string;
  isToken(cookie: string, token: string): boolean;
}

/** Bounds memory; the longest unused goes first. */
const MOST = 100;
/** Nobody pushes others out by signing in again and again. */
const MOST_OF_ACCOUNT = 5;
const ID_BYTES = 32;

interface Kept {
  readonly session: Session;
  readonly since: number;
  seen: number;
}

export function createSessions({
  clock,
  random,
  sessions: { idleMs, longestMs },
}: Pick<DashboardConfig, 'sessions'> & { clock: Clock; random: Random }): Sessions {
  const key = random.bytes(ID_BYTES);
  // By hash: what lies in memory opens nothing, and looking it up tells nothing by the time it takes.
  const kept = new Map<string, Kept>();

  function expire(): void {
    const now = clock.now();
    for (const [hash, { since, seen }] of kept)
      if (now - since >= longestMs || now - seen >= idleMs) kept.delete(hash);
    for (const hash of kept.keys()) {
      if (kept.size <= MOST) break;
      kept.delete(hash);
    }
  }

  /** The longest unused go first. Links are nobody's in particular, and only the machine's administrator makes them. */
  function makeRoomFor(account: string | null): void {
    if (account === null) return;
    const own = [...kept].filter(([, { session }]) => session.account === account);
    for (const [hash] of own.slice(0, Math.max(0, own.length - MOST_OF_ACCOUNT + 1))) kept.delete(hash);
  }

  const token = (cookie: string): string => createHmac('sha256', key).update(cookie).digest('base64url');

  return {
    open(entrant) {
      const id = freshId(random);
      const hash = hashOf(id);
      const now = clock.now();
      const session = { ...entrant, tag: hash.slice(0, 8), notice: null };
      makeRoomFor(entrant.account);
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
    isToken: (cookie, given) => isSame(token(cookie), given),
  };
}

/** Who it is, for a line of the log: ids alone. */
export function whoOf({ kind, account, tag }: Session): Readonly<Record<string, string>> {
  return { kind, session: tag, ...(account === null ? {} : { account }) };
}

export function freshId(random: Random): string {
  return Buffer.from(random.bytes(ID_BYTES)).toString('base64url');
}

/** Takes as long wherever the two differ. */
export function isSame(secret: string, given: string): boolean {
  const [expected, found] = [Buffer.from(secret), Buffer.from(given)];
  return expected.length === found.length && timingSafeEqual(expected, found);
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}
