import type { Clock } from '../../src/kit/clock.ts';
import type { HttpRequest, HttpResponse, Transport } from '../../src/kit/transport.ts';
import { FOLDER_PROPERTY, MARK_PROPERTY } from '../../src/graph/marks.ts';

/**
 * Mailboxes that are computed from numbers: each has one managed folder with the same contacts, until it is removed. A
 * hundred million contacts then cost no memory. It knows what a revert asks for, and throws at anything else.
 */
export interface NumbersTenant {
  readonly transport: Transport;
  readonly tenantId: string;
  issueToken(): string;
  /** Mailboxes whose folder is still there. */
  left(): number;
  readonly counts: { requests: number; calls: number; refused: number; lastAt: number };
}

export interface NumbersOptions {
  readonly clock: Clock;
  readonly mailboxes: number;
  readonly contacts: number;
  /** `<deployment>/<route>` of the marks. */
  readonly owner: string;
  /** What one call to Outlook takes. */
  readonly callMs: number;
}

/** Graph runs so many calls of a batch against Outlook at a time, and a mailbox takes no more of one app (learn.microsoft.com/graph/throttling-limits). */
const PARALLEL = 4;
/** Requests of one app to one mailbox in ten minutes: same page. A revert asks far fewer, so it is enough to count them. */
const MAILBOX_CALLS = 10_000;

interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

export function numbersTenant(options: NumbersOptions): NumbersTenant {
  const gone = new Set<string>();
  const atWork = new Map<string, number>();
  const asked = new Map<string, number>();
  const counts = { requests: 0, calls: 0, refused: 0, lastAt: 0 };
  const pages = new Map<number, string>();
  const page = (skip: number): string => {
    const known = pages.get(skip) ?? renderPage(options, skip);
    pages.set(skip, known);
    return known;
  };

  const answer = ({ method, url }: Part): { status: number; body: string } => {
    const [, mailbox = '', rest = ''] = /^\/users\/([^/]+)\/contactFolders(.*)$/.exec(url) ?? [];
    asked.set(mailbox, (asked.get(mailbox) ?? 0) + 1);
    const crowded = (atWork.get(mailbox) ?? 0) > PARALLEL || (asked.get(mailbox) ?? 0) > MAILBOX_CALLS;
    if (crowded) {
      counts.refused += 1;
      return { status: 429, body: '{"error":{"code":"ApplicationThrottled","message":""}}' };
    }
    if (rest.startsWith('?')) return { status: 200, body: folders(options, gone.has(mailbox)) };
    if (gone.has(mailbox))
      return { status: 404, body: '{"error":{"code":"ErrorItemNotFound","message":""}}' };
    if (method === 'POST' && rest.endsWith('/permanentDelete')) {
      gone.add(mailbox);
      return { status: 204, body: '{}' };
    }
    if (rest.includes('/childFolders')) return { status: 200, body: '{"value":[]}' };
    if (method === 'GET' && rest.includes('/contacts?'))
      return { status: 200, body: page(Number(/\$skip=(\d+)/.exec(rest)?.[1] ?? 0)) };
    throw new Error(`A revert was not expected to ask for ${method} ${url}.`);
  };

  const transport = async (request: HttpRequest): Promise<HttpResponse> => {
    const { requests } = JSON.parse(request.body ?? '{}') as { requests: Part[] };
    counts.requests += 1;
    counts.calls += requests.length;
    counts.lastAt = options.clock.now();
    const calls = Map.groupBy(requests, ({ url }) => url.split('/')[2] ?? '');
    const change = (sign: number): void => {
      for (const [mailbox, { length }] of calls)
        atWork.set(mailbox, (atWork.get(mailbox) ?? 0) + sign * Math.min(length, PARALLEL));
    };
    change(1);
    await options.clock.sleep(Math.ceil(requests.length / PARALLEL) * options.callMs);
    const responses = requests.map((part) => {
      const { status, body } = answer(part);
      return `{"id":"${part.id}","status":${status},"headers":{},"body":${body}}`;
    });
    change(-1);
    return { status: 200, headers: {}, body: `{"responses":[${responses.join(',')}]}` };
  };

  return {
    transport,
    tenantId: 'numbers',
    issueToken: () => 'token',
    left: () => options.mailboxes - gone.size,
    counts,
  };
}

function folders({ owner }: NumbersOptions, isGone: boolean): string {
  const property = { id: FOLDER_PROPERTY, value: owner };
  const folder = {
    id: 'folder',
    displayName: 'Company Directory',
    singleValueExtendedProperties: [property],
  };
  return JSON.stringify({ value: isGone ? [] : [folder] });
}

/** Items `skip` up to a thousand further, each with its mark. */
function renderPage({ contacts, owner }: NumbersOptions, skip: number): string {
  const length = Math.max(0, Math.min(1_000, contacts - skip));
  const value = Array.from({ length }, (_, index) => ({
    id: `item-${skip + index}`,
    singleValueExtendedProperties: [{ id: MARK_PROPERTY, value: `${owner}/person-${skip + index}` }],
  }));
  const more = skip + length < contacts;
  return JSON.stringify({
    value,
    ...(more ? { '@odata.nextLink': 'https://graph.microsoft.com/v1.0/next' } : {}),
  });
}
