import { field, list, text } from '../kit/json.ts';
import { readRetryAfter } from '../kit/retry-after.ts';
import { Fault, type FaultKind } from '../model/fault.ts';
import { CONFLICTS } from './transport.ts';

/** A whole answer, or one part of a batch. `body`: parsed JSON; undefined where it is none. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** As it came: some refusals are plain texts. */
  readonly text: string;
}

interface Reason {
  /** Without its namespace; empty where none is named. */
  readonly exception: string;
  readonly message: string;
}

/** `lost`: the answer does not say whether it was applied; of what only looks, merely `unavailable`. */
type Kind = FaultKind | 'lost';

interface Row {
  readonly exception: RegExp;
  readonly message?: RegExp;
  readonly kind: Kind;
  readonly code?: string;
}

/**
 * The exception counts before the status: what is not there comes as 404 or wrapped in 500, and what passes by itself under
 * 400 as well. First match decides. Names: as others met them.
 */
const EXCEPTIONS: readonly Row[] = [
  // The same type says both; only the first means that it is not there.
  {
    exception: /ObjectNotFound/,
    message: /multiple entries/i,
    kind: 'conflict',
    code: CONFLICTS.ambiguous,
  },
  { exception: /ObjectNotFound/, message: /couldn.t be found|not found/i, kind: 'not-found' },
  { exception: /ProxyAddressExists/, kind: 'conflict', code: CONFLICTS.address },
  { exception: /ObjectAlreadyExists/, kind: 'conflict', code: CONFLICTS.name },
  { exception: /UnableToWriteToAad/, kind: 'conflict', code: CONFLICTS.dualWrite },
  {
    exception: /Transient|CmdletProxyNotAvailable|ServerBusy|BackendCommunication|Timeout/,
    kind: 'lost',
  },
];

/** Throttling that comes as a text under another status. */
const ASKED_TO_WAIT = /maximum number of concurrent|please wait and try again|too many requests/i;
const NOT_ALLOWED = /not allowed to call/i;

/** What an answer that is no success means. Of Exchange's texts nothing is kept: they quote names and addresses. */
export function faultOf(answer: ExchangeAnswer, { isRead, now }: { isRead: boolean; now: number }): Fault {
  const reason = reasonOf(answer);
  const { kind, code } = judged(answer, reason);
  const named = code ?? (reason.exception === '' ? undefined : reason.exception);
  const retryAt = kind === 'throttled' ? readRetryAfter(answer.headers, now) : undefined;
  return new Fault(
    kind === 'lost' ? lostKind(isRead) : kind,
    `Exchange answered ${answer.status}${named === undefined ? '' : ` ${named}`}`,
    {
      status: answer.status,
      ...(named === undefined ? {} : { code: named }),
      ...(retryAt === undefined ? {} : { retryAt }),
    },
  );
}

export function lostKind(isRead: boolean): FaultKind {
  return isRead ? 'unavailable' : 'unknown-outcome';
}

/** A success that cannot be read: a write may have been applied, and a list that is missing is not an empty one. */
export function unreadable(isRead: boolean, status: number): Fault {
  return new Fault(lostKind(isRead), 'an answer of Exchange cannot be read', {
    status,
    code: 'UnreadableAnswer',
  });
}

function judged(
  { status, body, text: plain }: ExchangeAnswer,
  { exception, message }: Reason,
): { kind: Kind; code?: string } {
  const row = EXCEPTIONS.find(
    (one) => one.exception.test(exception) && (one.message === undefined || one.message.test(message)),
  );
  if (row) return { kind: row.kind, ...(row.code === undefined ? {} : { code: row.code }) };
  if (status === 429 || ASKED_TO_WAIT.test(plain)) return { kind: 'throttled' };
  if (status === 401 && NOT_ALLOWED.test(plain)) return { kind: 'forbidden', code: 'RoleMissing' };
  if (status === 401) return { kind: 'unauthorized' };
  if (status === 403) return { kind: 'forbidden', code: 'CmdletNotAllowed' };
  // Without a word about an object it is the address that is wrong, and not the object that is missing.
  if (status === 404)
    return { kind: text(field(body, 'error'), 'code') === 'NotFound' ? 'not-found' : 'unavailable' };
  if (status === 400 || status === 413 || status === 422) return { kind: 'invalid' };
  if (status === 408 || status >= 500) return { kind: 'lost' };
  return { kind: 'unavailable' };
}

/**
 * `error.details[0].message` is `id|type|text`; now and then it is JSON with a `Message` instead, and where there are no
 * details, `innererror.internalException` names the type.
 */
function reasonOf({ body, headers }: ExchangeAnswer): Reason {
  const error = field(body, 'error');
  const [detail] = list(error, 'details') ?? [];
  const said = text(detail, 'message') ?? '';
  const told = said.startsWith('{') ? (text(parsed(said), 'Message') ?? '') : said;
  const [, type = '', ...rest] = told.split('|');
  const inner = field(field(error, 'innererror'), 'internalException');
  const named = type || headers['x-exceptiontype'] || text(inner, 'type') || '';
  const message = rest.join('|') || told || text(inner, 'message') || text(error, 'message') || '';
  return { exception: safeName(named), message };
}

/** The last part of a type's full name; anything else could carry what must not be logged. */
function safeName(type: string): string {
  const name = type.split('.').at(-1) ?? '';
  return /^\w{1,80}$/.test(name) ? name : '';
}

export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
