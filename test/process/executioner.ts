import { systemClock } from '../../src/kit/clock.ts';
import type { HttpRequest, HttpResponse } from '../../src/kit/transport.ts';
import { ConnectionLost } from '../tenant/http/gateway.ts';
import type { Gate } from './installation.ts';
import type { Program } from './program.ts';

/**
 * When a process dies: so long after the word was given (`clock`) or after its first request (`awake`), or at its n-th
 * request from now. That request is never carried out (`before`), carried out `lateMs` after the death, or carried out
 * and never answered (`after`).
 */
export type Instant =
  | { readonly kind: 'clock' | 'awake'; readonly ms: number }
  | { readonly kind: 'before'; readonly request: number }
  | { readonly kind: 'after'; readonly request: number }
  | { readonly kind: 'late'; readonly request: number; readonly lateMs: number };

/** From the death of a process until the last of its calls was carried out. */
export interface Afterlife {
  readonly from: number;
  to: number;
}

interface Sentence {
  readonly program: Program;
  readonly instant: Instant;
  readonly seen: number;
}

const LOOK_MS = 5;

/** Stands in front of the tenant, and kills a process at an instant that no wall clock could hit. */
export class Executioner {
  readonly afterlives: Afterlife[] = [];
  #sentence: Sentence | undefined;
  #requests = 0;
  /** Of the process that runs now, in milliseconds since 1970; null before its first one. */
  #awake: { since: number; last: number } | null = null;
  readonly #running = new Set<Promise<unknown>>();
  readonly #patienceMs: number;

  readonly gate: Gate = async (request, answer) => {
    this.#requests += 1;
    const now = systemClock.now();
    this.#awake = { since: this.#awake?.since ?? now, last: now };
    const { instant, program, seen } = this.#sentence ?? { seen: 0 };
    if (!instant || !program || 'ms' in instant || this.#requests - seen !== instant.request)
      return this.#watched(answer(request));
    if (instant.kind === 'after') {
      const response = await this.#watched(answer(request));
      program.kill('SIGKILL');
      await program.ended;
      return response;
    }
    program.kill('SIGKILL');
    if (instant.kind === 'before') throw new ConnectionLost();
    return this.#watched(this.#late(request, { answer, lateMs: instant.lateMs }));
  };

  /** An instant that does not come, because the work at hand took fewer requests, comes after so long without one. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Kills the process at the instant; resolves when it is dead. What was on the way may still be carried out. */
  async kill(program: Program, instant: Instant): Promise<void> {
    this.#sentence = { program, instant, seen: this.#requests };
    const over = new AbortController();
    const waiting = this.#whenDue(instant, over.signal).then((due) => due && program.kill('SIGKILL'));
    const { signal, code, stderr } = await program.ended;
    over.abort();
    await waiting;
    this.#awake = null;
    this.#sentence = undefined;
    if (signal !== 'SIGKILL') throw new Error(`It ended by itself, with ${code}: ${stderr.slice(-2_000)}`);
    const afterlife: Afterlife = { from: systemClock.now(), to: Infinity };
    this.afterlives.push(afterlife);
    void Promise.allSettled(this.#running).then(() => (afterlife.to = systemClock.now()));
  }

  /** False when it is over before that. */
  async #whenDue(instant: Instant, over: AbortSignal): Promise<boolean> {
    const from = systemClock.now();
    for (;;) {
      if (over.aborted) return false;
      const now = systemClock.now();
      const { since, last } = this.#awake ?? { since: Infinity, last: Infinity };
      if (instant.kind === 'clock' && now - from >= instant.ms) return true;
      if (instant.kind === 'awake' && now - Math.max(since, from) >= instant.ms) return true;
      if ('request' in instant && now - Math.max(last, from) >= this.#patienceMs) return true;
      await systemClock.sleep(LOOK_MS);
    }
  }

  async #late(
    request: HttpRequest,
    how: { answer: Parameters<Gate>[1]; lateMs: number },
  ): Promise<HttpResponse> {
    await systemClock.sleep(how.lateMs);
    return how.answer(request);
  }

  #watched<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    void Promise.allSettled([work]).then(() => this.#running.delete(work));
    return work;
  }
}
