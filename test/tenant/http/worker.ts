import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import type { Background, Sleep } from '../background.ts';
import type { FaultDice } from '../faults.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Watch } from '../mailbox/watch.ts';
import type { Oracles } from '../oracles.ts';
import { departureOf } from './answer-shapes.ts';
import { errorAnswer, Malformed, Refusal, type Answer, type Call } from './call.ts';
import type { Limits } from './limits.ts';
import type { MailboxGate } from './mailbox-gate.ts';
import type { Latency } from './latency.ts';
import type { Route } from './router.ts';

export interface Work {
  readonly call: Call;
  readonly route: Route;
  readonly inBatch: boolean;
  /** When the HTTP request came in, in milliseconds since 1970. */
  readonly arrivedAt: number;
}

interface WorkerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly dice: FaultDice;
  readonly gate: MailboxGate;
  readonly limits: Limits;
  readonly watch: Watch;
  readonly oracles: Oracles;
  /** Objects that only forged notifications name: nobody has a reason to ask for them. */
  readonly suspects: ReadonlySet<string>;
  /** Application permissions that the app has. */
  readonly roles: ReadonlySet<string>;
  /** What was refused for want of them, by operation. */
  readonly denials: Map<string, number>;
  readonly background: Background;
  readonly latency: Latency;
  readonly lateApplyMs: number;
}

/** Carries out one request, alone or out of a batch: latency, quotas, faults, and then what was asked for. */
export class Worker {
  readonly #options: WorkerOptions;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  mailboxOf(call: Call): Mailbox | undefined {
    return this.#options.gate.mailboxOf(call);
  }

  /** The client has the answer in hand. */
  told(answer: Answer): void {
    this.#options.gate.told(answer, this.#options.clock.now());
  }

  /** Never throws: every refusal becomes an answer. */
  async run(work: Work): Promise<Answer> {
    const answer = await this.#run(work);
    // Links of a tenant that is served over plain http on loopback are plain as well: no published shape has those.
    const what = work.call.origin.startsWith('https:')
      ? departureOf(work.route.operation, answer)
      : undefined;
    if (what !== undefined) this.#options.oracles.note('misshapen-answer', what);
    return answer;
  }

  async #run(work: Work): Promise<Answer> {
    const { gate, clock, latency } = this.#options;
    const latencyMs = latency(work.route.operation);
    const mailbox = gate.mailboxOf(work.call);
    if (mailbox !== undefined) gate.arrives(mailbox, work.arrivedAt);
    const id = work.call.path[1]?.toLowerCase() ?? '';
    if (this.#options.suspects.has(id)) this.#options.oracles.note('forgery-followed', `object ${id}`);
    try {
      if (mailbox !== undefined) gate.enter(mailbox);
      if (latencyMs > 0) await clock.sleep(latencyMs);
      return await this.#answer(work, mailbox);
    } catch (error) {
      return this.refuse(error, mailbox);
    } finally {
      if (mailbox !== undefined) gate.leave(mailbox);
    }
  }

  /** The answer that a refusal becomes, with the wait that it asks for. Anything else is a bug and is thrown on. */
  refuse(error: unknown, mailbox?: Mailbox): Answer {
    if (!(error instanceof Refusal)) throw error;
    const { clock, random, oracles } = this.#options;
    if (error instanceof Malformed) oracles.note('malformed-request', error.message);
    const answer = errorAnswer(error, uuid(random), clock.now());
    const header = error.headers['Retry-After'];
    return mailbox === undefined || header === undefined ? answer : { ...answer, wait: { mailbox, header } };
  }

  async #answer(work: Work, mailbox: Mailbox | undefined): Promise<Answer> {
    const { gate, limits, dice, clock } = this.#options;
    const { call, route } = work;
    const now = clock.now();
    limits.takeRequest(now);
    this.#demandRole(work);
    if (mailbox !== undefined) gate.demandQuota(mailbox, { operation: route.operation, call, now });
    const directory =
      /^\w+ (users|groups|contacts|directory)(\/|$)/.test(route.operation) && mailbox === undefined;
    const headers = directory ? limits.takeUnits(route.operation, call, now) : {};
    if (work.inBatch && dice.roll('throttleInside')) throw gate.throttle(mailbox, now);
    if (dice.roll('unavailable503')) throw unavailable(dice);
    if (dice.roll('gatewayTimeoutNotApplied')) throw gatewayTimeout();
    demandPlainBody(call);
    if (call.method !== 'GET' && mailbox !== undefined) this.#writeFaults(work, mailbox);
    const answer = await route.handle(call);
    if (dice.roll('gatewayTimeoutApplied')) throw gatewayTimeout();
    return directory ? { ...answer, headers: { ...answer.headers, ...headers } } : answer;
  }

  #demandRole({ call, route }: Work): void {
    const { roles, denials } = this.#options;
    const needs = typeof route.needs === 'function' ? route.needs(call) : route.needs;
    if (needs === 'anyone' || needs.some((role) => roles.has(role))) return;
    denials.set(route.operation, (denials.get(route.operation) ?? 0) + 1);
    const outlook = /contactFolders|\/contacts|mailboxSettings/.test(route.operation);
    const code = outlook ? 'ErrorAccessDenied' : 'Authorization_RequestDenied';
    throw new Refusal(
      403,
      route.denial?.(call) ?? code,
      'Insufficient privileges to complete the operation.',
    );
  }

  #writeFaults(work: Work, mailbox: Mailbox): void {
    const { dice } = this.#options;
    if (work.call.method !== 'POST' && dice.roll('conflict412')) {
      throw new Refusal(
        412,
        'ErrorIrresolvableConflict',
        'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
      );
    }
    if (!dice.roll('lateApply')) return;
    this.#options.background.start((sleep) => this.#applyLater(work, mailbox, sleep));
    throw gatewayTimeout();
  }

  async #applyLater(work: Work, mailbox: Mailbox, sleep: Sleep): Promise<void> {
    const { dice, watch, lateApplyMs } = this.#options;
    await sleep(1 + dice.upTo(lateApplyMs - 1));
    try {
      await watch.excuse(() => work.route.handle(work.call));
    } catch (error) {
      // The mailbox has moved on, and nobody waits for the answer; only a bug is news.
      this.refuse(error, mailbox);
    }
  }
}

/** A read or removal has no body, an action without parameters an empty one, and JSON says that it is JSON. */
function demandPlainBody({ method, path, body, headers }: Call): void {
  if (body === undefined) return;
  if (method === 'GET' || method === 'DELETE') {
    throw new Malformed(400, 'BadRequest', 'A body is not expected here.');
  }
  const action = /^(?:permanentDelete|reauthorize)$/i.test(path.at(-1) ?? '');
  if (action && JSON.stringify(body) !== '{}') {
    throw new Malformed(400, 'RequestBodyRead', 'The action has no parameters.');
  }
  const plain = typeof body === 'string' || body instanceof Uint8Array;
  if (!plain && !/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    throw new Malformed(400, 'RequestBodyRead', 'A body needs Content-Type application/json.');
  }
}

export function gatewayTimeout(): Refusal {
  return new Refusal(504, 'UnknownError', '');
}

/** Surely not applied; with or without a word about when to come back. */
export function unavailable(dice: FaultDice): Refusal {
  const headers: Record<string, string> = dice.half() ? { 'Retry-After': String(dice.pick([1, 3, 20])) } : {};
  return new Refusal(503, 'serviceNotAvailable', 'The service is temporarily unavailable.').with(headers);
}
