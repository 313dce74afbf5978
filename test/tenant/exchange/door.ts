import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import type { Background } from '../background.ts';
import type { RequestCounter } from '../counts.ts';
import { ConnectionLost } from '../http/gateway.ts';
import type { Latency } from '../http/latency.ts';
import type { Oracles } from '../oracles.ts';
import type { Cmdlets, Row } from './cmdlets.ts';
import { CMDLETS } from './known.ts';
import type { ExchangeDice, ExchangeSwitches } from './options.ts';
import { dualWrite, ExchangeRefusal, transient } from './refusal.ts';

/** An answer before it is written down; a text goes as it is. */
export interface Rendered {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What came in. */
export interface Arrival {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly signal?: AbortSignal | undefined;
}

interface DoorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly dice: ExchangeDice;
  readonly switches: ExchangeSwitches;
  readonly oracles: Oracles;
  readonly counter: RequestCounter;
  readonly latency: Latency;
  readonly background: Background;
  readonly cmdlets: Cmdlets;
}

interface Asked {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Rows that are still to be fetched, behind a link; whoever follows it must ask the same again. */
interface Rest {
  readonly rows: readonly Row[];
  readonly body: string;
}

/** One command, alone or out of a batch. */
export class Door {
  readonly #options: DoorOptions;
  readonly #rests = new Map<string, Rest>();
  #told = { notBefore: 0, at: 0 };

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  forgetWaits(): void {
    this.#told = { notBefore: 0, at: 0 };
  }

  async answer(arrival: Arrival): Promise<Rendered> {
    this.arrives();
    const name = nameOf(arrival.body);
    this.#options.counter.request(`InvokeCommand ${name}`);
    const answer = await this.run(arrival);
    if (answer.status < 400 && this.#options.dice.roll('exchangeAnswerLost')) throw new ConnectionLost();
    // Only a whole answer tells the client of a wait.
    if (arrival.signal?.aborted !== true) this.tell(answer);
    return answer;
  }

  /** Nobody may ask before the wait is over that he was told. */
  arrives(): void {
    const { clock, oracles } = this.#options;
    const now = clock.now();
    if (now < this.#told.notBefore && now > this.#told.at)
      oracles.note('before-retry-after', `exchange, ${this.#told.notBefore - now} ms early`);
  }

  tell(answer: Rendered): void {
    const header = answer.headers?.['Retry-After'];
    if (header === undefined) return;
    const now = this.#options.clock.now();
    this.#told = { notBefore: Math.max(this.#told.notBefore, now + Number(header) * 1_000), at: now };
  }

  async run({ url, headers, body }: Arrival): Promise<Rendered> {
    const { clock, latency } = this.#options;
    const latencyMs = latency('InvokeCommand');
    if (latencyMs > 0) await clock.sleep(latencyMs);
    try {
      return this.#carryOut({ url, headers }, body);
    } catch (error) {
      if (!(error instanceof ExchangeRefusal)) throw error;
      return { status: error.status, headers: error.headers, body: error.body() };
    }
  }

  #carryOut({ url, headers }: Pick<Arrival, 'url' | 'headers'>, body: unknown): Rendered {
    const { dice, switches, oracles } = this.#options;
    const asked = this.#read(body);
    if (dice.roll('exchangeThrottled')) return throttled(dice);
    if (dice.roll('exchangePlainThrottle')) return plainThrottle();
    const allowed = switches.cmdlets ?? CMDLETS;
    if (!CMDLETS.includes(asked.name) || !allowed.includes(asked.name)) return forbidden();
    const token = url.searchParams.get('$skiptoken');
    if (token !== null) {
      const rest = this.#rests.get(token);
      if (rest === undefined || rest.body !== JSON.stringify(body))
        oracles.note('malformed-request', 'a next page was asked for with another body');
      return this.#page(rest?.rows ?? [], { url, headers, body });
    }
    if (dice.roll('exchangeTransient')) throw transient(dice.half() ? 500 : 400);
    const isWrite = !asked.name.startsWith('Get-');
    if (isWrite && asked.name !== 'Remove-MailContact' && dice.roll('exchangeDualWrite'))
      throw dualWrite(JSON.stringify(asked.parameters['Identity'] ?? ''));
    if (isWrite && dice.roll('exchangeLate')) return this.#later(asked);
    const rows = this.#options.cmdlets.run(asked.name, asked.parameters);
    if (dice.roll('exchangeUndecodable')) return { status: 200, body: '\u0000\u0000\u0000\u0000' };
    return isWrite
      ? { status: 200, body: { '@odata.context': context(url), value: rows, '@adminapi.warnings': [] } }
      : this.#page(rows, { url, headers, body });
  }

  #read(body: unknown): Asked {
    const input = (body as { CmdletInput?: { CmdletName?: unknown; Parameters?: unknown } } | undefined)
      ?.CmdletInput;
    const parameters = input?.Parameters ?? {};
    if (typeof input?.CmdletName !== 'string' || typeof parameters !== 'object') {
      this.#options.oracles.note('malformed-request', 'no CmdletInput');
      throw new ExchangeRefusal(400, 'BadRequest', { text: 'Invalid Operation' });
    }
    return { name: input.CmdletName, parameters: parameters as Readonly<Record<string, unknown>> };
  }

  /** The endpoint pages whatever was asked for, by `Prefer: odata.maxpagesize`. */
  #page(rows: readonly Row[], { url, headers, body }: Pick<Arrival, 'url' | 'headers' | 'body'>): Rendered {
    const { switches, random } = this.#options;
    const asked = Number(/odata\.maxpagesize=(\d+)/i.exec(headers['prefer'] ?? '')?.[1] ?? 1_000);
    const size = Math.min(asked, switches.pageSize);
    const selected = url.searchParams.get('$select')?.split(',');
    const value = rows
      .slice(0, size)
      .map((row) =>
        selected === undefined
          ? row
          : Object.fromEntries(Object.entries(row).filter(([name]) => selected.includes(name))),
      );
    const next = new URL(url);
    if (rows.length > size) {
      const token = uuid(random);
      this.#rests.set(token, { rows: rows.slice(size), body: JSON.stringify(body) });
      next.searchParams.set('$skiptoken', token);
    }
    return {
      status: 200,
      body: {
        '@odata.context': context(url),
        value,
        ...(rows.length > size ? { '@odata.nextLink': next.href } : {}),
        '@adminapi.warnings': [],
      },
    };
  }

  #later(asked: Asked): Rendered {
    const { background, dice, switches, cmdlets } = this.#options;
    background.start(async (sleep) => {
      await sleep(1 + dice.upTo(switches.lateApplyMs - 1));
      try {
        cmdlets.run(asked.name, asked.parameters);
      } catch (error) {
        // The organisation has moved on, and nobody waits for the answer.
        if (!(error instanceof ExchangeRefusal)) throw error;
      }
    });
    return { status: 504, body: 'The gateway did not get an answer in time.' };
  }
}

export function nameOf(body: unknown): string {
  return String((body as { CmdletInput?: { CmdletName?: unknown } } | undefined)?.CmdletInput?.CmdletName);
}

function context(url: URL): string {
  return `${url.origin}/adminapi/beta/$metadata#Collection(Exchange.GenericHashTable)`;
}

function throttled(dice: ExchangeDice): Rendered {
  const wait = dice.pick(['1', '2.128', '0.249', '20']);
  const body = { error: { code: 'TooManyRequests', message: 'Too many requests.' } };
  return { status: 429, headers: { 'Retry-After': wait }, body };
}

function plainThrottle(): Rendered {
  const body =
    'You have reached the maximum number of concurrent requests per tenant. Please wait and try again';
  return { status: 503, headers: { 'Content-Type': 'text/plain' }, body };
}

/** What the endpoint sends for a cmdlet that the app may not run: NUL bytes that claim to be gzip. */
function forbidden(): Rendered {
  return { status: 403, headers: { 'Content-Encoding': 'gzip' }, body: '\u0000\u0000\u0000\u0000' };
}
