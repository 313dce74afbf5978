import { toldOf } from '../kit/told.ts';
import type { Log } from '../kit/log.ts';

/** A part of a running service: start order is the order of the list, stop order its reverse. */
export interface Role {
  readonly name: string;
  /** Resolves when it is up. */
  readonly start: (signal: AbortSignal) => Promise<Started>;
}

export interface Started {
  /** What it does until the signal aborts; rejects when it cannot go on. Nothing where it only answers to others. */
  readonly work?: Promise<void>;
  /** Gives back what it holds, after everything that was started later has ended. */
  readonly stop?: () => Promise<void>;
}

/**
 * Starts the roles one after the other and lets them work until the signal aborts, or one cannot go on. Then all work ends,
 * side by side, what is in hand included, and the roles stop. Throws what kept one from going on.
 */
export async function runRoles(roles: readonly Role[], log: Log, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const stopping = AbortSignal.any([signal, over.signal]);
  const started: Started[] = [];
  const failures: unknown[] = [];
  const works: Promise<void>[] = [];
  const fail = (error: unknown): void => {
    failures.push(error);
    over.abort();
  };
  try {
    for (const role of roles) {
      if (stopping.aborted) break;
      const one = await role.start(stopping);
      started.push(one);
      if (one.work) works.push(one.work.catch(fail));
      log.tell('role-started', { role: role.name });
    }
    await aborted(stopping);
  } catch (error) {
    fail(error);
  }
  over.abort();
  await Promise.all(works);
  for (const { stop } of started.toReversed()) {
    await stop?.().catch((error: unknown) => log.tell('role-stop-failed', { error: toldOf(error) }));
  }
  if (failures.length > 0) throw failures[0];
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
