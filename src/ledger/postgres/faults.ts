import { DatabaseError } from 'pg';
import { Fault, type FaultKind } from '../../model/fault.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html; the first that fits. All of them: surely not applied. */
const kinds: readonly { readonly code: RegExp; readonly kind: FaultKind; readonly what: string }[] = [
  { code: /^40(?:001|P01)$/, kind: 'conflict', what: 'somebody else wrote to the ledger at the same moment' },
  { code: /^28/, kind: 'unauthorized', what: "the ledger's database refused the login" },
  { code: /^42501$/, kind: 'forbidden', what: "the login may not do this in the ledger's database" },
  { code: /^3D000$/, kind: 'unavailable', what: "the ledger's database is not there" },
  { code: /^25006$/, kind: 'unavailable', what: "the ledger's database is a copy that takes no writes" },
  { code: /^(?:55P03|57014|25P0[34])$/, kind: 'unavailable', what: 'the ledger took too long to answer' },
  { code: /^53/, kind: 'unavailable', what: "the ledger's database has run out of room or connections" },
  { code: /^(?:08|57P|58)/, kind: 'unavailable', what: "the ledger's database is away" },
];

/** After these the server has ended the connection. */
const ENDED = /^(?:08|57P|25P0[34])/;

/** What goes wrong below the words of the protocol has no code of PostgreSQL: sockets, names, certificates, timeouts. */
const AWAY = "the ledger's database cannot be reached, or its connection was lost";

/** An error of pg without a code. */
const PLAIN = /does not support SSL/;
const UNENCRYPTED = "the ledger's database does not encrypt its connections";

/** What came of it, in our words; a defect (of a statement, say) stays what it is. */
export function faultOf(error: unknown): unknown {
  if (error instanceof Fault || error instanceof RangeError) return error;
  if (!(error instanceof DatabaseError)) {
    const code =
      error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
    const what = error instanceof Error && PLAIN.test(error.message) ? UNENCRYPTED : AWAY;
    return new Fault('unavailable', what, { ...(code === '' ? {} : { code }), cause: error });
  }
  const { code = '' } = error;
  const known = kinds.find((one) => one.code.test(code));
  return known ? new Fault(known.kind, known.what, { code, cause: error }) : error;
}

/** Is there no connection any more? */
export function isLost(error: unknown): boolean {
  if (error instanceof RangeError) return false;
  return !(error instanceof DatabaseError) || ENDED.test(error.code ?? '') || error.severity === 'FATAL';
}

/** Each time somebody else was through, so nobody is turned away by the same one twice. */
const ATTEMPTS_AT_MOST = 20;

/** Where two could not be put in an order, one was turned away and left no trace: it is done again. */
export async function untilThrough<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let left = ATTEMPTS_AT_MOST - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'conflict') throw error;
      if (left === 0)
        throw new Fault('unavailable', 'the ledger is too busy: the work was turned away again and again', {
          cause: error,
        });
    }
  }
}
