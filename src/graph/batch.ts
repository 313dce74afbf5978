import { Fault } from '../model/fault.ts';
import type { GraphCall } from './call.ts';
import type { GraphAnswer } from './faults.ts';
import { field, list } from '../kit/json.ts';

/** The body of `POST /$batch`; the id of a part is its place, counted from 0. */
export function batchBody(calls: readonly GraphCall[]): { requests: readonly object[] } {
  return { requests: calls.map((call, index) => part(call, String(index))) };
}

/** Rules of learn.microsoft.com/graph/json-batching: relative URL without the version; a body needs its Content-Type. */
function part({ method, url, headers, body }: GraphCall, id: string): object {
  const content = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const all = { ...content, ...headers };
  return {
    id,
    method,
    url,
    ...(Object.keys(all).length === 0 ? {} : { headers: all }),
    ...(body === undefined ? {} : { body }),
  };
}

/** Throws `invalid` for a call that would make the whole batch fail, or leave Graph. */
export function assertBatchable({ url }: GraphCall): void {
  const relative = /^\/(?!\/|v1\.0\/|beta\/)[\x21-\x7e]*$/.test(url) && !/\/\.\.?(\/|\?|$)/.test(url);
  if (!relative)
    throw new Fault('invalid', 'a call must name an encoded path below the version', { code: 'InvalidUrl' });
}

/**
 * The answers by their place in the batch, in whatever order they came. A part that is missing or cannot be read is
 * missing here; ids that were not asked for are ignored. `undefined` when the body is no batch answer at all.
 */
export function batchAnswers(body: unknown): ReadonlyMap<string, GraphAnswer> | undefined {
  const responses = list(body, 'responses');
  if (responses === undefined) return undefined;
  const answers = new Map<string, GraphAnswer>();
  for (const response of responses) {
    const id = field(response, 'id');
    const status = field(response, 'status');
    if (typeof id !== 'string' || typeof status !== 'number') continue;
    answers.set(id, {
      status,
      headers: lowerCase(field(response, 'headers')),
      body: field(response, 'body'),
    });
  }
  return answers;
}

/** The case of `Retry-After` varies inside batches. */
function lowerCase(headers: unknown): Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null) return {};
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
