import { pino, type DestinationStream } from 'pino';

/** What a log line may carry: ids, counts, field names, durations. Never a name, number, address or secret. */
export type LogKeys = Readonly<Record<string, unknown>>;

/** A constant message and its keys, one wide line per attempt. */
export interface Log {
  debug(message: string, keys?: LogKeys): void;
  info(message: string, keys?: LogKeys): void;
  warn(message: string, keys?: LogKeys): void;
  error(message: string, keys?: LogKeys): void;
}

/** JSON lines with ISO times in UTC on `destination` (standard error unless given). */
export function createLog(level: string, destination: DestinationStream = pino.destination(2)): Log {
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
    info: (message, keys) => sink.info(keys ?? {}, message),
    warn: (message, keys) => sink.warn(keys ?? {}, message),
    error: (message, keys) => sink.error(keys ?? {}, message),
  };
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
