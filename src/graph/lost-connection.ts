import { deepestCode, nothingSent } from '../kit/lost.ts';
import { Fault } from '../model/fault.ts';
import { lostKind } from './faults.ts';

/**
 * The fault of a request whose transport failed: `unavailable` when nothing can have been sent, else
 * `unknown-outcome` for a write. The error's text is dropped, its code kept. `who`: did not answer.
 */
export function lostConnection(method: string, error: unknown, who = 'Graph'): Fault {
  const code = deepestCode(error);
  const kind = nothingSent(error) ? 'unavailable' : lostKind(method);
  return new Fault(kind, `no answer from ${who}`, code === undefined ? {} : { code });
}
