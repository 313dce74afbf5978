import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { databasesAt } from '../postgres/databases.ts';
import { inject } from 'vitest';
import type { Configuration } from './configuration.ts';
import { fileStores } from './file-stores.ts';
import { openSharedStores } from './shared-stores.ts';

/** Ledger and waiting work of one installation, wherever they are, and what may happen to them while no process runs. */
export interface Stores {
  /** Keys of the configuration that say where they are, beside the standard ones. */
  readonly keys: NonNullable<Configuration['more']>;
  /** What the keys refer to, from the next start on. */
  readonly env: Readonly<Record<string, string>>;
  loseLedger(): Promise<void>;
  loseQueue(): Promise<void>;
  /** Remembers the ledger as it is, in place of an older copy. */
  copyLedger(): Promise<void>;
  /** The ledger is as it was when it was copied. */
  restoreLedger(): Promise<void>;
  /** The service at work has come to itself since that time of its clock: it shows signs of life, where it has to. */
  awake(since: number): Promise<boolean>;
  /** Everything that is in them, to be compared with what is in them later; null before anything is. */
  contents(): Promise<unknown>;
  /** Messages that are in hand or `due`, now or within so many milliseconds, by the clock of the service; and `later` ones. */
  waiting(withinMs: number): Promise<{ readonly due: number; readonly later: number }>;
  /** A new ledger can be told from a lost one. Where it cannot, every mailbox is searched after the first start. */
  readonly knowsWhatIsNew: boolean;
  /** Folders that hold everything that they keep, as raw bytes. */
  atRest(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Longer than a second look takes with the timing of the installations; what comes later is not waited for. */
export const SOON_MS = 10 * 60_000;

export const SHAPES = ['embedded', 'distributed'] as const;
export type Shape = (typeof SHAPES)[number];

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the PostgreSQL that the stories of the distributed shape share. */
    postgres: string;
  }
}

/** What the stories of this run stand on: `SHAPE`, which vitest.config.ts sets. */
export function shapeUnderTest(): Shape {
  const { SHAPE } = process.env;
  const shape = SHAPES.find((one) => one === SHAPE);
  if (shape === undefined) throw new Error(`SHAPE is ${SHAPE}, and must be one of ${SHAPES.join(', ')}.`);
  return shape;
}

/** `data`: the data folder; `clock`: of the service. */
export function openStores(data: string, clock: Clock = systemClock): Promise<Stores> {
  return shapeUnderTest() === 'embedded'
    ? Promise.resolve(fileStores(data, clock))
    : openSharedStores(databasesAt(inject('postgres')), clock);
}
