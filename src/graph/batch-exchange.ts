import type { Answers } from '../kit/answers.ts';
import type { Clock } from '../kit/clock.ts';
import { Fault } from '../model/fault.ts';
import type { Health } from '../kit/adaptive-concurrency.ts';
import { batchAnswers, batchBody } from './batch.ts';
import type { GraphCall } from './call.ts';
import type { GraphClient } from './client.ts';
import { classify, faultOf, lostKind, type GraphAnswer } from './faults.ts';
import { keyOf, type Waiting } from './lanes.ts';
import { claimsOf } from './middleware.ts';
import { readRetryAfter } from '../kit/retry-after.ts';
import { operationName } from './operation-name.ts';
import { isTenantWide, throttleHeaders } from './throttle-headers.ts';
import { asksToWait, type ThrottleJournal } from './throttle-journal.ts';
import type { Throttle, Ticket } from './throttle.ts';

export interface PackerCounters {
  /** Batches sent. */
  httpRequests: number;
  subRequests: number;
  /** Refusals for now (429, 503), by who asked to wait. */
  throttles: { mailbox: number; directory: number; tenant: number };
}

export interface BatchExchange {
  readonly client: GraphClient;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly counters: PackerCounters;
  readonly ticket: Ticket;
  readonly journal: ThrottleJournal;
  readonly answers: Answers;
}

/**
 * Sends one batch and gives every call its answer or its fault. Nothing is retried here: whether and when is the
 * caller's business. The one exception is a batch refused as malformed (400, 413): nothing of it was applied, and
 * one bad call must not take nineteen others with it, so its halves are sent one after the other.
 */
export async function exchangeBatch(batch: readonly Waiting[], exchange: BatchExchange): Promise<Health> {
  const { client, counters } = exchange;
  counters.httpRequests += 1;
  counters.subRequests += batch.length;
  let answer: GraphAnswer;
  try {
    const body = batchBody(batch.map(({ call }) => call));
    answer = await client.send({ method: 'POST', url: '/$batch', body });
  } catch (error) {
    for (const { call, reject } of batch) reject(outerFault(error, call));
    return 'silent';
  }
  const malformed = answer.status === 400 || answer.status === 413;
  if (malformed && batch.length > 1) {
    const half = Math.ceil(batch.length / 2);
    await exchangeBatch(batch.slice(0, half), exchange);
    await exchangeBatch(batch.slice(half), exchange);
    return 'silent';
  }
  if (answer.status < 200 || answer.status > 299) return wholeRefused(batch, answer, exchange);
  exchange.throttle.tenantAnswered();
  return settleParts(batch, answer, exchange);
}

/** The POST of a batch is a write, the reads in it are not. */
function outerFault(error: unknown, call: GraphCall): unknown {
  if (!(error instanceof Fault)) return error;
  const kind = error.kind === 'unknown-outcome' ? lostKind(call.method) : error.kind;
  const { code, status, retryAt } = error;
  return new Fault(kind, error.message, {
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(call.mailbox === undefined ? {} : { object: call.mailbox }),
  });
}

/** A 429 or 503 on the outside concerns the whole tenant, and nothing inside was applied. */
function wholeRefused(batch: readonly Waiting[], answer: GraphAnswer, exchange: BatchExchange): Health {
  const { throttle, clock, counters, ticket } = exchange;
  const waits = asksToWait(answer.status);
  const named = readRetryAfter(answer.headers, clock.now());
  let retryAt: number | undefined;
  if (waits || named !== undefined) {
    const until = throttle.tenantRefused(ticket, named, answer.status === 503);
    retryAt = until > clock.now() ? until : undefined;
  }
  if (waits) counters.throttles.tenant += 1;
  for (const { call, reject } of batch) {
    reject(faultOf(classify(answer, { method: call.method }), { retryAt, object: call.mailbox }));
  }
  // 429 is about how much we ask; 503 is about the service, which says when to come back, and not to bring less.
  return answer.status === 429 ? 'congested' : 'silent';
}

function settleParts(batch: readonly Waiting[], outer: GraphAnswer, exchange: BatchExchange): Health {
  const answers = batchAnswers(outer.body);
  const waitAsked = new Map<string, number>();
  const extended = { calls: 0, refused: 0 };
  let tenantWide = false;
  for (const [index, { call, resolve, reject }] of batch.entries()) {
    const answer = answers?.get(String(index));
    exchange.answers.note('batch', operationName(call.method, call.url), answer?.status);
    if (call.extensions === true) {
      extended.calls += 1;
      if (answer?.status === 429) extended.refused += 1;
    }
    if (answer !== undefined && call.mailbox === undefined) noteShare(answer, exchange);
    if (answer === undefined) {
      reject(missing(call, outer, answers === undefined ? 'UnreadableAnswer' : 'MissingAnswer'));
    } else if (answer.status >= 200 && answer.status < 300) {
      exchange.throttle.mailboxAnswered(keyOf(call));
      resolve(answer);
    } else {
      if (asksToWait(answer.status)) {
        const { mailbox } = call;
        if (mailbox !== undefined) waitAsked.set(mailbox, (waitAsked.get(mailbox) ?? 0) + 1);
        tenantWide ||= answer.status === 429 && isTenantWide(throttleHeaders(answer));
      }
      reject(partFault(call, withDate(answer, outer), exchange));
    }
  }
  exchange.throttle.extensions.answered(extended, exchange.clock.now());
  if (tenantWide || isCrowded(batch, waitAsked)) return 'congested';
  return answers === undefined ? 'silent' : 'healthy';
}

/**
 * One mailbox that asks to wait says nothing about the others, however many of the calls are its own; several do, in a good
 * part of the batch and of what is not its own. Where one call in twenty is refused at random, a quarter of a batch would be
 * met once in 400 batches, a third once in 30,000.
 */
function isCrowded(batch: readonly Waiting[], waitAsked: ReadonlyMap<string, number>): boolean {
  const [[loudest, its] = ['', 0], ...others] = [...waitAsked].toSorted(([, a], [, b]) => b - a);
  const refused = others.reduce((sum, [, count]) => sum + count, 0);
  const calls = batch.filter(({ call }) => call.mailbox !== loudest).length;
  return its + refused >= batch.length / 3 && refused >= Math.max(2, calls / 4);
}

function noteShare(answer: GraphAnswer, { throttle }: BatchExchange): void {
  if (answer.status < 300) throttle.directoryShare(throttleHeaders(answer).share);
}

/** A part that is missing is unknown, never success. */
function missing(call: GraphCall, outer: GraphAnswer, code: string): Fault {
  return new Fault(lostKind(call.method), 'no answer to a call in a batch', {
    status: outer.status,
    code,
    ...(call.mailbox === undefined ? {} : { object: call.mailbox }),
  });
}

function partFault(call: GraphCall, answer: GraphAnswer, exchange: BatchExchange): Fault {
  const { throttle, clock, counters, ticket, client } = exchange;
  const failure = classify(answer, call);
  const named = readRetryAfter(answer.headers, clock.now());
  let retryAt: number | undefined;
  if (failure.kind === 'throttled')
    counters.throttles[call.mailbox === undefined ? 'directory' : 'mailbox'] += 1;
  exchange.journal.note(call.mailbox === undefined ? 'source' : 'mailbox', answer);
  if (failure.kind === 'throttled' || named !== undefined) {
    retryAt = throttle.mailboxRefused(keyOf(call), ticket, named);
  }
  // A pool of the whole tenant: the other mailboxes would meet the same refusal.
  const shared = call.mailbox !== undefined && answer.status === 429 && isTenantWide(throttleHeaders(answer));
  if (shared) retryAt = Math.max(retryAt ?? 0, throttle.tenantRefused(ticket, named));
  if (failure.kind === 'unauthorized') client.distrustToken(claimsOf(answer.headers));
  return faultOf(failure, { retryAt, object: call.mailbox });
}

/** Parts have no `Date` of their own; a Retry-After that is a date is read against the batch's. */
function withDate(answer: GraphAnswer, outer: GraphAnswer): GraphAnswer {
  const date = outer.headers['date'];
  return date === undefined ? answer : { ...answer, headers: { date, ...answer.headers } };
}
