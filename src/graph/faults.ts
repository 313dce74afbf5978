import { Fault, type FaultKind } from '../model/fault.ts';
import { field, text } from '../kit/json.ts';

/** A whole answer of Graph, or one part of a batch: header names in lower case, body parsed. */
export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What was asked, as far as it decides what a failure means. */
export interface Asked {
  readonly method: string;
  /** The object id of the mailbox that the call touches. */
  readonly mailbox?: string | undefined;
  /** A page of a delta round: only there can a token be worn out. */
  readonly delta?: boolean;
}

export interface Failure {
  readonly kind: FaultKind;
  readonly status: number;
  readonly code: string | undefined;
}

interface Row {
  readonly status: (status: number) => boolean;
  /** Error codes in lower case; any when absent. */
  readonly codes?: ReadonlySet<string>;
  readonly when?: (asked: Asked, answer: GraphAnswer) => boolean;
  /** `lost`: the answer does not say whether the request was applied; for a read that is merely `unavailable`. */
  readonly kind: FaultKind | 'lost';
}

const is =
  (...statuses: readonly number[]) =>
  (status: number): boolean =>
    statuses.includes(status);
const refused = (status: number): boolean => status >= 400 && status < 500;
const codes = (...names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map((name) => name.toLowerCase()));

/** A worn-out delta token (learn.microsoft.com/graph/delta-query-overview); the page token was observed in plain listings. */
const RESYNC = codes(
  'syncStateNotFound',
  'resyncRequired',
  'resyncApplyDifferences',
  'resyncUploadDifferences',
  'Directory_ExpiredPageToken',
);
/** No Exchange Online mailbox behind the user, or none for this app; one user can alternate between the first and ResourceNotFound. */
const NO_MAILBOX = codes(
  'MailboxNotEnabledForRESTAPI',
  'MailboxInfoStale',
  'ErrorNonExistentMailbox',
  'ErrorAccessDenied',
);
/** Mean the mailbox only where a mailbox was asked; of a subscription, say, they mean something else. */
const NO_OWNER = codes('ResourceNotFound', 'Request_ResourceNotFound', 'ErrorInvalidUser', 'extensionError');

/** First match decides. One table for whole answers and for the parts of a batch. */
const TABLE: readonly Row[] = [
  { status: is(410), when: (asked) => asked.delta === true, kind: 'resync' },
  { status: is(400, 404), codes: RESYNC, when: (asked) => asked.delta === true, kind: 'resync' },
  { status: is(429, 509), kind: 'throttled' },
  {
    status: is(503),
    when: (_asked, answer) => answer.headers['retry-after'] !== undefined,
    kind: 'throttled',
  },
  { status: is(503), kind: 'unavailable' },
  { status: is(507), kind: 'quota' },
  { status: is(401), kind: 'unauthorized' },
  { status: refused, codes: NO_MAILBOX, kind: 'mailbox-unavailable' },
  {
    status: refused,
    codes: NO_OWNER,
    when: (asked) => asked.mailbox !== undefined,
    kind: 'mailbox-unavailable',
  },
  // Of a subscription quota only the message speaks (learn.microsoft.com/graph/change-notifications-overview).
  {
    status: is(403),
    when: (_asked, answer) => /\b(limit|quota|maximum)/i.test(errorOf(answer.body).message),
    kind: 'quota',
  },
  { status: is(403), kind: 'forbidden' },
  { status: is(404, 410), kind: 'not-found' },
  { status: is(409, 412, 423), kind: 'conflict' },
  // 407: a proxy in between; 424: a predecessor in the batch failed. Neither was applied.
  { status: is(407, 424), kind: 'unavailable' },
  { status: is(408), kind: 'lost' },
  { status: refused, kind: 'invalid' },
  { status: (status) => status >= 500, kind: 'lost' },
  // A redirect is never followed and a 1xx is no answer: the service proper has not seen the request.
  { status: () => true, kind: 'unavailable' },
];

/** What an answer that is not a success means. */
export function classify(answer: GraphAnswer, asked: Asked): Failure {
  const { code } = errorOf(answer.body);
  const row = TABLE.find(
    (row) =>
      row.status(answer.status) &&
      (row.codes === undefined || row.codes.has(code.toLowerCase())) &&
      (row.when === undefined || row.when(asked, answer)),
  );
  const kind = row?.kind ?? 'lost';
  return {
    kind: kind === 'lost' ? lostKind(asked.method) : kind,
    status: answer.status,
    code: code === '' ? undefined : code,
  };
}

/** The kind of a request that was sent and got no usable answer: a read may simply be asked again. */
export function lostKind(method: string): FaultKind {
  return method === 'GET' ? 'unavailable' : 'unknown-outcome';
}

/** A success whose body is not what was asked for: it must not pass for one, nor a missing list for an empty one. */
export function unreadable(status: number, method: string): Fault {
  return new Fault(lostKind(method), 'an answer of Graph cannot be read', {
    status,
    code: 'UnreadableAnswer',
  });
}

/** The message names statuses and codes only: Graph's own messages may quote names and addresses. */
export function faultOf(
  failure: Failure,
  more: { retryAt?: number | undefined; object?: string | undefined } = {},
): Fault {
  const { kind, status, code } = failure;
  return new Fault(kind, `Graph answered ${status}${code === undefined ? '' : ` ${code}`}`, {
    status,
    ...(code === undefined ? {} : { code }),
    ...(more.retryAt === undefined ? {} : { retryAt: more.retryAt }),
    ...(more.object === undefined ? {} : { object: more.object }),
  });
}

/** `{"error":{"code","message"}}`; the message is read, never kept. */
function errorOf(body: unknown): { code: string; message: string } {
  const error = field(body, 'error');
  return { code: safeCode(text(error, 'code')), message: text(error, 'message') ?? '' };
}

/** A code is a short identifier; anything else could carry what must not be logged. */
function safeCode(code: string | null): string {
  return code !== null && /^[\w.:-]{1,80}$/.test(code) ? code : '';
}
