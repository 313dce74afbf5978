import type { FaultDice } from '../faults.ts';

/** What Exchange does beside answering as it should; every one of them was seen by somebody (README). */
export const exchangeFaultKinds = [
  /** 429 with a decimal Retry-After, for a whole request or one part of a batch. */
  'exchangeThrottled',
  /** A plain text and another status instead. */
  'exchangePlainThrottle',
  /** A transient Active Directory fault under 500, or under 400 by its name alone; not applied. */
  'exchangeTransient',
  /** Applied, and the answer is lost. */
  'exchangeAnswerLost',
  /** Applied, and the answer is bytes that nobody can read. */
  'exchangeUndecodable',
  /** Applied a while after a 504. */
  'exchangeLate',
  /** A part of a batch has no answer; it was applied, or not. */
  'exchangeMissingPart',
  /** The copy that is kept in Entra is in conflict for now; not applied. */
  'exchangeDualWrite',
] as const;

export type ExchangeFaultKind = (typeof exchangeFaultKinds)[number];
export type ExchangeFaults = Partial<Record<ExchangeFaultKind, number>>;
export type ExchangeDice = FaultDice<ExchangeFaultKind>;

/** What is not known of Exchange, or varies. */
export interface ExchangeSwitches {
  /** A read, and a cmdlet that looks its object up, may be behind by up to so many milliseconds. */
  lagMs: number;
  /** So long after it was given up, an address cannot be used by another, in milliseconds. */
  releaseMs: number;
  /** The status of a proxy address or a name that is taken: not confirmed by anybody. */
  conflictStatus: 400 | 500;
  /** An object that is not there: 404, or wrapped in a 500 as in an old sample. */
  notFoundStatus: 404 | 500;
  /** Where the tenant really lives: asked elsewhere, it answers with a redirect to this origin. Null: it answers. */
  movedTo: string | null;
  /** Objects on one page, whatever is asked for, at the most. */
  pageSize: number;
  /** A write applied late is applied up to so many milliseconds later. */
  lateApplyMs: number;
  /** What the app may run; all of what is known unless given. A cmdlet that it may not gets 403 and bytes that claim to be gzip. */
  cmdlets: readonly string[] | null;
}

export const defaultExchangeSwitches: ExchangeSwitches = {
  lagMs: 0,
  releaseMs: 0,
  conflictStatus: 400,
  notFoundStatus: 404,
  movedTo: null,
  pageSize: 1_000,
  lateApplyMs: 60_000,
  cmdlets: null,
};
