/**
 * What the session of a bucket keeps beside its messages, as durable as they are and fenced by the session's lock: a number
 * for each key, and how often a suspect message was handed out by itself without coming back.
 */
export interface SessionState {
  readonly states: Readonly<Record<string, number>>;
  /** By the message's id, which stays the same however often it is delivered. */
  readonly charges: Readonly<Record<string, number>>;
}

const EMPTY_STATE: SessionState = { states: {}, charges: {} };

/** Written beside what another version may know: its members are kept as they are. */
export function encodeState(state: SessionState, found: unknown): Record<string, unknown> {
  return { ...(isRecord(found) ? found : {}), v: 1, states: state.states, charges: state.charges };
}

/** What cannot be read counts as nothing kept: the engine takes a lost number for a lost queue, and looks again. */
export function decodeState(found: unknown): SessionState {
  if (!isRecord(found)) return EMPTY_STATE;
  return { states: numbersIn(found['states']), charges: numbersIn(found['charges']) };
}

function numbersIn(value: unknown): Record<string, number> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
