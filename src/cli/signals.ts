import type { StopSignal, World } from './world.ts';

/** Why work ended early: somebody asked for it. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export interface Stop {
  readonly signal: AbortSignal;
  /** Takes the listeners away again. */
  release(): void;
}

/** What shells expect of a process that a signal ended: 128 and the signal's number. */
const EXIT_OF: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGBREAK: 149 };

/**
 * The first SIGTERM, SIGINT or SIGBREAK aborts, so that what is in hand gets finished; the second ends the process at once. Windows
 * knows no SIGTERM: whoever hosts the service there stops it by Ctrl+C, which is SIGINT
 * (https://nodejs.org/api/process.html#signal-events).
 */
export function stopOnSignals(world: Pick<World, 'signals' | 'stderr' | 'exit'>): Stop {
  const controller = new AbortController();
  const listen = (name: StopSignal) => (): void => {
    if (controller.signal.aborted) return world.exit(EXIT_OF[name]);
    world.stderr.write(`${name}: finishing what is in hand; once more to stop at once\n`);
    controller.abort(new Stopped('stopped by a signal'));
  };
  const listeners = [
    ['SIGINT', listen('SIGINT')],
    ['SIGTERM', listen('SIGTERM')],
    ['SIGBREAK', listen('SIGBREAK')],
  ] as const;
  for (const [name, listener] of listeners) world.signals.on(name, listener);
  return {
    signal: controller.signal,
    release() {
      for (const [name, listener] of listeners) world.signals.off(name, listener);
    },
  };
}
