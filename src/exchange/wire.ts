import type { Answers } from '../kit/answers.ts';
import type { Clock } from '../kit/clock.ts';
import { withDeadline } from '../kit/deadline.ts';
import { text } from '../kit/json.ts';
import type { Log } from '../kit/log.ts';
import { deepestCode, nothingSent } from '../kit/lost.ts';
import { uuid, type Random } from '../kit/random.ts';
import type { HttpResponse, Transport } from '../kit/transport.ts';
import { Fault } from '../model/fault.ts';
import { lostKind, parsed, type ExchangeAnswer } from './faults.ts';
import { demandExchangeHost } from './hosts.ts';

/** App-only tokens for Exchange. With `refused`, never that one again. */
export interface Tokens {
  token(refused?: { readonly token: string; readonly claims?: string | undefined }): Promise<string>;
}

export interface WireOptions {
  /** Of Exchange in this cloud: the only host, with what stands below it, that ever sees a token. */
  readonly origin: string;
  readonly tenantId: string;
  readonly tokens: Tokens;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where answers are counted. */
  readonly answers?: Answers;
}

export interface Sending {
  readonly method: 'GET' | 'POST';
  /** Below the origin, or a whole link of an earlier answer. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Nothing but looking is in it. */
  readonly isRead: boolean;
  /** For the log and for figures: a cmdlet, or what stands for several. */
  readonly what: string;
  /** Commands in it; one unless given. */
  readonly commands?: number;
}

/** One HTTP request after another: token, routing, redirects, and what no answer means. */
export interface Wire {
  send(sending: Sending): Promise<ExchangeAnswer>;
  /** The headers that every part of a batch must bear itself. */
  headers(): Promise<Record<string, string>>;
  /** Where the tenant lives, as far as known. */
  origin(): string;
  requests(): number;
}

/** Cmdlets may take up to 15 minutes; the service cuts slow calls earlier, and so does a lease of ours. */
const DEADLINE_MS = 60_000;
/** One to the tenant's own host, and one more should that have moved. */
const REDIRECTS = 2;
/** The mailbox by which app-only calls are routed (as the module and CIPP send it). */
const ANCHOR = 'APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}';

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  accept: 'application/json',
  'accept-language': 'en-US',
  'x-responseformat': 'json',
  prefer: 'odata.maxpagesize=1000;odata.continue-on-error',
} as const;

export function createWire(options: WireOptions): Wire {
  const { tokens, transport, clock, random, log, answers, tenantId } = options;
  const connection = uuid(random);
  let home = options.origin;
  let requests = 0;

  const headersOf = (token: string): Record<string, string> => ({
    ...HEADERS,
    authorization: `Bearer ${token}`,
    'x-anchormailbox': `${ANCHOR}@${tenantId}`,
    'connection-id': connection,
  });

  const once = async (sending: Sending, link: string, token: string): Promise<HttpResponse> => {
    const id = uuid(random);
    const startedAt = clock.now();
    requests += 1;
    let status: number | undefined;
    try {
      const answer = await withDeadline(clock, DEADLINE_MS, (signal) =>
        transport({
          method: sending.method,
          url: link,
          headers: { ...headersOf(token), 'client-request-id': id, ...sending.headers },
          ...(sending.body === undefined ? {} : { body: JSON.stringify(sending.body) }),
          signal,
        }),
      );
      status = answer.status;
      return answer;
    } catch (error) {
      const code = deepestCode(error);
      const kind = nothingSent(error) ? 'unavailable' : lostKind(sending.isRead);
      throw new Fault(kind, 'no answer from Exchange', code === undefined ? {} : { code });
    } finally {
      answers?.note('request', sending.what, status);
      log.debug('exchange request', {
        what: sending.what,
        commands: sending.commands ?? 1,
        status,
        ms: clock.now() - startedAt,
        clientRequestId: id,
      });
    }
  };

  /** Redirects are followed by hand: whoever follows them blindly sends the token along, or loses it. */
  const followed = async (sending: Sending, token: string): Promise<HttpResponse> => {
    let link = sending.url.startsWith('/') ? home + sending.url : sending.url;
    for (let hop = 0; ; hop += 1) {
      demandExchangeHost(link, options.origin);
      const answer = await once(sending, link, token);
      const location = answer.headers['location'];
      if (answer.status < 300 || answer.status >= 400 || location === undefined || hop === REDIRECTS)
        return answer;
      const next = URL.parse(location, link);
      demandExchangeHost(next?.href ?? '', options.origin);
      link = next?.href ?? link;
      home = next?.origin ?? home;
    }
  };

  return {
    send: async (sending) => {
      const token = await tokens.token();
      const answer = await followed(sending, token);
      if (answer.status !== 401 || isRoleMissing(answer)) return read(answer);
      const claims = claimsOf(answer.headers);
      return read(await followed(sending, await tokens.token({ token, claims })));
    },
    headers: async () => headersOf(await tokens.token()),
    origin: () => home,
    requests: () => requests,
  };
}

/** A 401 that no other token would mend. */
function isRoleMissing({ body }: HttpResponse): boolean {
  return /not allowed to call/i.test(body);
}

function read(response: HttpResponse): ExchangeAnswer {
  return {
    status: response.status,
    headers: response.headers,
    body: parsed(response.body),
    text: response.body,
  };
}

/** The claims of a continuous access evaluation challenge (learn.microsoft.com/entra/identity-platform/claims-challenge). */
function claimsOf(headers: Readonly<Record<string, string>>): string | undefined {
  const encoded = /\bclaims="([A-Za-z0-9+/=_-]+)"/.exec(headers['www-authenticate'] ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

/** The names of `value[].exportedCmdlets`, a list with commas. */
export function exportedCmdlets(value: readonly unknown[]): Set<string> {
  return new Set(
    value.flatMap((one) => (text(one, 'exportedCmdlets') ?? '').split(',').map((name) => name.trim())),
  );
}
