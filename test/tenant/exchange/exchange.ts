import type { Clock } from '../../../src/kit/clock.ts';
import type { Random } from '../../../src/kit/random.ts';
import type { HttpRequest, HttpResponse } from '../../../src/kit/transport.ts';
import type { Background } from '../background.ts';
import type { RequestCounter } from '../counts.ts';
import type { Directory } from '../directory/directory.ts';
import { FaultDice } from '../faults.ts';
import { Refusal } from '../http/call.ts';
import type { Latency } from '../http/latency.ts';
import type { AccessTokens } from '../login/access-tokens.ts';
import type { Oracles } from '../oracles.ts';
import { Batches } from './batches.ts';
import { Cmdlets } from './cmdlets.ts';
import { CMDLETS } from './known.ts';
import { Door, type Rendered } from './door.ts';
import {
  defaultExchangeSwitches,
  type ExchangeFaultKind,
  type ExchangeFaults,
  type ExchangeSwitches,
} from './options.ts';
import { Recipients } from './recipients.ts';

interface ExchangeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly tenantId: string;
  readonly directory: Directory;
  readonly staleMs: number;
  readonly tokens: AccessTokens;
  readonly oracles: Oracles;
  readonly counter: RequestCounter;
  readonly latency: Latency;
  readonly background: Background;
  readonly switches?: Partial<ExchangeSwitches>;
}

/** A client that asked for an address may take so long until its create is sent. */
const ON_THE_WAY_MS = 60_000;

/** Exchange Online of the tenant, as far as the admin endpoint shows it. */
export class Exchange {
  readonly recipients: Recipients;
  readonly switches: ExchangeSwitches;
  readonly dice: FaultDice<ExchangeFaultKind>;
  readonly #options: ExchangeOptions;
  readonly #door: Door;
  readonly #batches: Batches;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.switches = { ...defaultExchangeSwitches, ...options.switches };
    this.dice = new FaultDice<ExchangeFaultKind>(options.random);
    // Asked for a while before, and applied a while after.
    const staleMs = options.staleMs + this.switches.lateApplyMs + ON_THE_WAY_MS;
    this.recipients = new Recipients({ ...options, switches: this.switches, staleMs });
    const parts = { ...options, switches: this.switches, dice: this.dice, recipients: this.recipients };
    this.#door = new Door({ ...parts, cmdlets: new Cmdlets(parts) });
    this.#batches = new Batches({ ...parts, door: this.#door });
  }

  /** Replaces the probabilities; `{}` ends the storm. */
  setFaults(faults: ExchangeFaults): void {
    this.dice.set(faults);
  }

  /** A client that died knows nothing of a wait that it was told. */
  forgetWaits(): void {
    this.#door.forgetWaits();
  }

  owns(path: string): boolean {
    return /^\/adminapi\//i.test(path);
  }

  /** May throw `ConnectionLost`. */
  async answer(request: HttpRequest, url: URL): Promise<HttpResponse> {
    const { counter, tokens, tenantId, oracles } = this.#options;
    const { movedTo } = this.switches;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const match = /^\/adminapi\/(beta|v1\.0)\/([^/]+)\/(\$batch|InvokeCommand|EXOModuleFile)$/i.exec(
      url.pathname,
    );
    const what = match?.[3]?.toLowerCase() ?? '';
    if (movedTo !== null && url.origin !== movedTo) {
      counter.request(`exchange moved`);
      return { status: 302, headers: { location: `${movedTo}${url.pathname}${url.search}` }, body: '' };
    }
    if (match === null || match[2]?.toLowerCase() !== tenantId.toLowerCase())
      return text(404, 'There is nothing here.');
    try {
      tokens.demand(headers['authorization']);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      counter.request('exchange refused');
      return { ...text(401, ''), headers: lower(error.headers) };
    }
    if (what === 'exomodulefile') {
      counter.request('GET EXOModuleFile');
      const exported = (this.switches.cmdlets ?? CMDLETS).join(',');
      return json(200, { value: [{ exportedCmdlets: exported }] });
    }
    // Only the beta answers (measured by others).
    if (match[1]?.toLowerCase() !== 'beta' || request.method !== 'POST') return text(405, '');
    if (headers['x-anchormailbox'] === undefined)
      oracles.note('malformed-request', 'no X-AnchorMailbox: such a call may be routed anywhere');
    const arrival = { url, headers, body: parsed(request.body), signal: request.signal };
    return rendered(
      what === '$batch' ? await this.#batches.answer(arrival) : await this.#door.answer(arrival),
    );
  }
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}

function rendered({ status, headers = {}, body }: Rendered): HttpResponse {
  if (typeof body === 'string') return { status, headers: lower(headers), body };
  return { ...json(status, body), headers: { 'content-type': 'application/json', ...lower(headers) } };
}

function lower(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function json(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function text(status: number, body: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
