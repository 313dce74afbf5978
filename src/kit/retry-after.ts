/** The shortest wait we keep: some services send 0, which would make a retry a hammer. */
const SHORTEST_WAIT_MS = 100;

/**
 * The instant a `Retry-After` header names, in milliseconds since 1970; `undefined` when there is none to be
 * understood. Graph sends whole seconds, decimals (2.128 in its documentation, 0.249 observed) and, as RFC 9110
 * allows, dates. A date is read against the answer's own `Date` header when there is one, since it was written by
 * a clock that may differ from ours. Never capped: a longer wait is the service's right.
 */
export function readRetryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(value)
    ? Math.ceil(Number(value) * 1000)
    : untilDate(value, headers['date'], now);
  if (waitMs === undefined || !Number.isSafeInteger(now + waitMs)) return undefined;
  return now + Math.max(waitMs, SHORTEST_WAIT_MS);
}

function untilDate(value: string, date: string | undefined, now: number): number | undefined {
  // Date.parse alone would take "-1" for a year.
  const at = /^[A-Z][a-z]{2,8},? /.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  const theirNow = date === undefined ? Number.NaN : Date.parse(date);
  return Math.max(0, at - (Number.isNaN(theirNow) ? now : theirNow));
}
