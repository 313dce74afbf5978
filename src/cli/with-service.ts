import { createLog } from '../kit/log.ts';
import type { Service } from '../run/service.ts';
import { showProgress } from './progress.ts';
import { configOf, type Settings } from './settings.ts';
import { stopOnSignals } from './signals.ts';
import type { World } from './world.ts';

interface Working {
  readonly settings: Settings;
  readonly world: World;
  /** `bar`: somebody watches one piece of work; `log`: a service that runs for months. */
  readonly show: 'bar' | 'log';
}

/** Opens the service, lets it work until it is through or a signal comes, and gives everything back. */
export async function withService<T>(
  { settings, world, show }: Working,
  work: (service: Service, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const config = configOf(settings, world, 'read');
  const run = await world.loadRun();
  const progress = show === 'bar' ? showProgress(world.stderr, world.clock) : undefined;
  // A bar and log lines would write over each other, so beside a bar only what matters is logged.
  const quiet = progress !== undefined && world.stderr.isTTY === true && config.log.level !== 'error';
  const level = settings.debug ? 'debug' : quiet ? 'warn' : config.log.level;
  const stop = stopOnSignals(world);
  try {
    const { clock, random, transport } = world;
    const service = await run.openService(config, {
      clock,
      random,
      transport,
      log: createLog(level),
      ...(progress === undefined ? {} : { onProgress: (now) => progress.report(now) }),
    });
    try {
      return await work(service, stop.signal);
    } finally {
      await service.close();
    }
  } finally {
    progress?.end();
    stop.release();
  }
}
