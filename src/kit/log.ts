import { pino, type DestinationStream } from 'pino';
import { eventOf, type EventName } from './events/catalogue.ts';

/** What a log line may carry: ids, counts, field names, durations. Never a name, number, address or secret. */
export type LogKeys = Readonly<Record<string, unknown>>;

/** A constant message and its keys, one wide line per attempt. */
export interface Log {
  /** For whoever looks closely; has no id, and nobody builds upon it. */
  debug(message: string, keys?: LogKeys): void;
  /** Level, text and id are the catalogue's. */
  tell(event: EventName, keys?: LogKeys): void;
}

/** Whatever was logged is written before the process ends, but by a signal that leaves it no time. */
export function standardError(): DestinationStream {
  return pino.destination(2);
}

/** Whoever hears of the events of the catalogue beside the lines, whatever the level of the lines is. Never throws, nor waits. */
export interface EventSink {
  take(event: EventName, keys: LogKeys): void;
}

/** JSON lines with ISO times in UTC. `level`: of pino's, or `silent`. `also`: hears of the events as well. */
export function createLog(
  level: string,
  destination: DestinationStream = standardError(),
  also?: EventSink,
): Log {
  const sink = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (message, keys) => sink.debug(keys ?? {}, message),
    tell: (event, keys) => {
      const { id, level: its, message } = eventOf(event);
      sink[its]({ eventId: id, event, ...keys }, message);
      also?.take(event, keys ?? {});
    },
  };
}

export const silentLog: Log = { debug: () => {}, tell: () => {} };
