import { Cron } from 'croner';

/**
 * Milliseconds until the next time the clock on the wall of `timeZone` shows hour:minute. A library keeps the calendar,
 * since a night with a change of summer time has the hour twice or not at all.
 */
export function untilSweep(
  { hour, minute, timeZone }: { hour: number; minute: number; timeZone: string },
  now: number,
): number {
  const next = new Cron(`${minute} ${hour} * * *`, { timezone: timeZone, paused: true }).nextRun(
    new Date(now),
  );
  if (!next) throw new Error(`There is no next ${hour}:${minute} in ${timeZone}.`);
  return Math.max(1_000, next.getTime() - now);
}
