/** The forms in which services have been seen to ask for a wait (seen in live answers). */
const SECONDS = ['1', '2.128', '0.249', '5', '17', '600'];

/** What a fault may put into `Retry-After`: whole, decimal, large, a date, or nothing at all. */
export function retryAfterForms(now: number): (string | undefined)[] {
  // A date has whole seconds: the next but nine of them.
  const date = new Date(Math.ceil(now / 1_000) * 1_000 + 9_000).toUTCString();
  return [...SECONDS, date, undefined];
}

/** The milliseconds that a `Retry-After` asks for; undefined when it asks for none. */
export function waitOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1_000;
  return Number.isNaN(ms) ? undefined : ms;
}
