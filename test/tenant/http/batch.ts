import { shuffle } from '../../kit/seeded-random.ts';
import type { Random } from '../../../src/kit/random.ts';
import type { RequestCounter } from '../counts.ts';
import type { FaultDice } from '../faults.ts';
import type { Switches } from '../options.ts';
import type { Oracles } from '../oracles.ts';
import { Refusal, type Answer, type Call } from './call.ts';
import { parsePath } from './parse.ts';
import type { Route, Router } from './router.ts';
import { demandShape } from './schema.ts';
import type { Worker } from './worker.ts';

/** Requests in one batch (learn.microsoft.com/graph/json-batching). */
const PARTS_MAX = 20;
/** Sub-requests that one batch has running against Outlook, whatever their mailboxes (learn.microsoft.com/graph/json-batching). */
const OUTLOOK_LANES = 4;

interface PartRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly dependsOn?: readonly string[];
}

interface Part {
  readonly request: PartRequest;
  readonly call: Call;
  readonly route: Route | Refusal;
  answer: Answer | undefined;
}

interface BatchOptions {
  readonly router: Router;
  readonly worker: Worker;
  readonly counter: RequestCounter;
  readonly oracles: Oracles;
  readonly dice: FaultDice;
  readonly random: Random;
  readonly base64: Switches['base64'];
}

/** `$batch`: up to 20 requests in one, each with its own answer, in no particular order. */
export class Batch {
  readonly #options: BatchOptions;

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  /** Answers of all parts. Throws 400 when the batch itself is malformed. */
  async run(outer: Call, arrivedAt: number): Promise<{ body: unknown; told: Answer[] }> {
    const parts = this.#parts(outer);
    if (parts.some((part) => part.request.dependsOn !== undefined)) await this.#inTurn(parts, arrivedAt);
    else await this.#abreast(parts, arrivedAt);
    return this.#response(parts);
  }

  async #abreast(parts: readonly Part[], arrivedAt: number): Promise<void> {
    const outlook = parts.filter((part) => this.#options.worker.mailboxOf(part.call) !== undefined);
    const directory = parts.filter((part) => !outlook.includes(part));
    const queue = outlook.values();
    const lane = async (): Promise<void> => {
      for (const part of queue) part.answer = await this.#answer(part, parts, arrivedAt);
    };
    const lanes = Array.from({ length: Math.min(OUTLOOK_LANES, outlook.length) }, lane);
    const others = directory.map(async (part) => {
      part.answer = await this.#answer(part, parts, arrivedAt);
    });
    await Promise.all([...lanes, ...others]);
  }

  /** With `dependsOn` one runs at a time. */
  async #inTurn(parts: readonly Part[], arrivedAt: number): Promise<void> {
    const waiting = [...parts];
    while (waiting.length > 0) {
      const at = waiting.findIndex((part) => ready(part, parts));
      if (at === -1) throw new Refusal(400, 'BadRequest', 'dependsOn goes round in a circle.');
      const [part] = waiting.splice(at, 1) as [Part];
      part.answer = await this.#answer(part, parts, arrivedAt);
    }
  }

  #parts(outer: Call): Part[] {
    const list = (outer.body as { requests?: unknown } | undefined)?.requests;
    if (Array.isArray(list) && list.length > PARTS_MAX) {
      this.#options.oracles.note('oversized-batch', `requests ${list.length}`);
      throw new Refusal(
        400,
        'BadRequest',
        `Number of batch request steps exceeds the maximum value of ${PARTS_MAX}.`,
      );
    }
    demandShape('batchRequest', outer.body, 'BadRequest');
    const requests = list as PartRequest[];
    const ids = new Set(requests.map((request) => request.id.toLowerCase()));
    if (ids.size < requests.length)
      throw new Refusal(400, 'BadRequest', 'Request Id has to be unique in a batch.');
    for (const { dependsOn } of requests) {
      for (const id of dependsOn ?? []) {
        if (!ids.has(id.toLowerCase()))
          throw new Refusal(400, 'BadRequest', 'dependsOn names an unknown request.');
      }
    }
    demandPattern(requests);
    return requests.map((request) => this.#part(request, outer));
  }

  /** A part that cannot be routed gets its own answer; the rest of the batch runs. */
  #part(request: PartRequest, outer: Call): Part {
    const { path, query } = parsePath(request.url.startsWith('/') ? request.url : `/${request.url}`);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
    const call: Call = {
      method: request.method,
      path,
      query,
      headers,
      body: request.body,
      origin: outer.origin,
    };
    try {
      const route = this.#options.router.find(request.method, path);
      this.#options.counter.part(route.operation);
      return { request, call, route, answer: undefined };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#options.counter.part('unknown');
      return { request, call, route: error, answer: undefined };
    }
  }

  async #answer(part: Part, parts: readonly Part[], arrivedAt: number): Promise<Answer> {
    const { worker } = this.#options;
    const before = predecessor(part, parts)?.answer;
    if (before !== undefined && before.status >= 400) {
      return worker.refuse(
        new Refusal(424, 'FailedDependency', 'A request that this one depends on has failed.'),
      );
    }
    if (part.route instanceof Refusal) return worker.refuse(part.route);
    return worker.run({ call: part.call, route: part.route, inBatch: true, arrivedAt });
  }

  /** In shuffled order; a fault leaves one out, done or not. */
  #response(parts: Part[]): { body: unknown; told: Answer[] } {
    const { dice, random, base64 } = this.#options;
    const shown = shuffle(random, parts.slice()).filter(() => !dice.roll('missingSubResponse'));
    const told = shown.flatMap((part) => (part.answer === undefined ? [] : [part.answer]));
    return { told, body: { responses: shown.map((part) => rendered(part, dice, base64)) } };
  }
}

function predecessor(part: Part, parts: readonly Part[]): Part | undefined {
  const id = part.request.dependsOn?.[0]?.toLowerCase();
  return id === undefined ? undefined : parts.find((other) => other.request.id.toLowerCase() === id);
}

function ready(part: Part, parts: readonly Part[]): boolean {
  const before = predecessor(part, parts);
  return before === undefined || before.answer !== undefined;
}

/** Parallel, one serial chain, or all after the same one: nothing else is allowed (learn.microsoft.com/graph/json-batching). */
function demandPattern(requests: readonly PartRequest[]): void {
  const bound = requests.filter((request) => request.dependsOn !== undefined);
  if (bound.length === 0) return;
  const targets = bound.map((request) => request.dependsOn?.[0]?.toLowerCase());
  const chain = bound.every(
    (request) => targets.filter((id) => id === request.dependsOn?.[0]?.toLowerCase()).length === 1,
  );
  const star = new Set(targets).size === 1;
  if (bound.length === requests.length - 1 && (chain || star)) return;
  throw new Refusal(400, 'BadRequest', 'The dependsOn pattern is not supported.');
}

function rendered(part: Part, dice: FaultDice, base64: Switches['base64']): unknown {
  const { status, headers = {}, body: json, bytes } = part.answer ?? { status: 500 };
  const body =
    bytes === undefined ? json : Buffer.from(bytes).toString(base64 === 'url' ? 'base64url' : 'base64');
  const wait = headers['Retry-After'];
  const cased =
    wait === undefined || dice.half()
      ? headers
      : { ...headers, 'retry-after': wait, 'Retry-After': undefined };
  const type = body === undefined || bytes !== undefined ? {} : { 'Content-Type': 'application/json' };
  return { id: part.request.id, status, headers: { 'Cache-Control': 'no-cache', ...cased, ...type }, body };
}
