import type { Clock } from '../kit/clock.ts';
import type { EventSink, Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import type { Tracing } from '../kit/tracing.ts';
import type { Transport } from '../kit/transport.ts';
import type { EventLog } from '../kit/windows-event-log.ts';
import type { Receiving, Run } from '../run/service.ts';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** `SIGBREAK`: Ctrl+Break, on Windows alone. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGBREAK';

interface SignalSource {
  on(name: StopSignal, listener: () => void): unknown;
  off(name: StopSignal, listener: () => void): unknown;
}

/** Everything that the command line touches, so that tests can put something else in its place. */
export interface World {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly signals: SignalSource;
  /** Lines of at least this level (of pino's, or `silent`), on standard error. */
  readonly openLog: (level: string, also?: EventSink) => Log;
  /** The Windows Event Log; somebody has to close it. */
  readonly openEventLog: () => EventLog;
  /** Standard error is the journal of systemd: what is written there says its priority first. */
  readonly isJournal: boolean;
  /** What the environment asks for of a tracing backend; null: nothing. */
  readonly openTracing: (log: Log) => Promise<Tracing | null>;
  /** Asks a person yes or no; missing where nobody is there. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Asks a person for a line of text; missing where nobody is there. */
  readonly ask?: (question: string) => Promise<string>;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  /** Loaded only by commands that need it: help and schema open no database driver. */
  readonly loadRun: () => Promise<Run>;
  /** The receiver alone, and nothing that could do more. */
  readonly loadReceiver: () => Promise<Receiving>;
  /** Runs the demo with these arguments; resolves with its exit code. */
  readonly runDemo: (args: readonly string[]) => Promise<number>;
}
