import type { Config, ReadingConfig } from '../kit/config/config.ts';
import { HeldByAnother } from '../kit/held-by-another.ts';
import type { Tracing } from '../kit/tracing.ts';
import type { EventSink } from '../kit/log.ts';
import type { Watching } from '../run/reverting.ts';
import type { Run, Running, Service, Surroundings } from '../run/service.ts';
import { showProgress } from './progress.ts';
import { UsageFault } from './failure.ts';
import { configOf, type Settings } from './settings.ts';
import { stopOnSignals } from './signals.ts';
import type { World } from './world.ts';

interface Working {
  readonly settings: Settings;
  readonly world: World;
  /** Read already, with all secrets; the file is read where it is missing. */
  readonly config?: Config | undefined;
  /** `bar`: somebody watches one piece of work; `log`: a service that runs for months. */
  readonly show: 'bar' | 'log';
  /** Hears of the events of the log as well. */
  readonly also?: EventSink | undefined;
}

/** What is opened, and the secrets it uses. */
export interface Part<Opened extends Running> {
  readonly secrets: ReadingConfig['secrets'];
  /** Throws `UsageFault` where the configuration has no such part. */
  readonly open: (config: Config, surroundings: Surroundings) => Promise<Opened>;
}

/** By this process, or, when another has the data folder, by the service there, while this one watches. */
export async function hereOrBeside<T>(
  { settings, world }: Pick<Working, 'settings' | 'world'>,
  here: (service: Service, signal: AbortSignal) => Promise<T>,
  beside: (run: Run, watching: Watching) => Promise<T>,
): Promise<T> {
  try {
    return await withService({ settings, world, show: 'bar' }, here);
  } catch (fault) {
    if (!(fault instanceof HeldByAnother)) throw fault;
  }
  const run = await world.loadRun();
  const progress = showProgress(world.stderr, world.clock);
  const stop = stopOnSignals(world);
  const { clock } = world;
  try {
    return await beside(run, { clock, signal: stop.signal, onProgress: (now) => progress.report(now) });
  } finally {
    progress.end();
    stop.release();
  }
}

/** Opens the service, lets it work until it is through or a signal comes, and gives everything back. */
export function withService<T>(
  working: Working,
  work: (service: Service, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const open: Part<Service>['open'] = async (config, surroundings) =>
    (await working.world.loadRun()).openService(config, surroundings);
  return withPart(working, { secrets: 'read', open }, work);
}

/** The same with a part of the service. */
export async function withPart<Opened extends Running, T>(
  working: Working,
  part: Part<Opened>,
  work: (service: Opened, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { settings, world, show } = working;
  const config = working.config ?? configOf(settings, world, part.secrets);
  if (config.queue.kind === 'serviceBus' && config.onlyJob !== null)
    throw new UsageFault(
      'several processes take work from one queue, and all of them need every job: leave --job out, or pause the others',
    );
  const progress = show === 'bar' ? showProgress(world.stderr, world.clock) : undefined;
  // A bar and log lines would write over each other, so beside a bar only what matters is logged.
  const quiet = progress !== undefined && world.stderr.isTTY === true && config.log.level !== 'error';
  const level = settings.debug ? 'debug' : quiet ? 'warn' : config.log.level;
  const stop = stopOnSignals(world);
  let tracing: Tracing | null = null;
  try {
    const { clock, random, transport } = world;
    const log = world.openLog(level, working.also);
    tracing = await world.openTracing(log);
    const service = await part.open(config, {
      clock,
      random,
      transport,
      log,
      ...(tracing === null ? {} : { tracing }),
      ...(progress === undefined ? {} : { onProgress: (now) => progress.report(now) }),
    });
    try {
      return await work(service, stop.signal);
    } finally {
      await service.close();
    }
  } finally {
    await tracing?.close();
    progress?.end();
    stop.release();
  }
}
