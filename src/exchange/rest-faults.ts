import { Fault, type FaultDetails } from '../model/fault.ts';
import { isRead, type Command } from './transport.ts';

/** `retryAt` 0: nobody knows for how long. */
export function asksToWait(retryAt: number, { status, code }: Partial<Fault> = {}): Fault {
  return new Fault('throttled', 'Exchange asks to wait', {
    ...(retryAt > 0 ? { retryAt } : {}),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
  });
}

/** A batch that was lost says nothing of its parts; those that only look are merely unanswered. */
export function ofOne(error: unknown, { cmdlet }: Command): unknown {
  const isLost = error instanceof Fault && error.kind === 'unknown-outcome';
  return isLost && isRead(cmdlet) ? new Fault('unavailable', error.message, detailsOf(error)) : error;
}

export function detailsOf({ code, status, retryAt }: Fault): FaultDetails {
  return {
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}
