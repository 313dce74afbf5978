const PATTERN = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
/** What the service writes for "never": the longest time span of .NET. */
const NEVER = 'P10675199DT2H48M5.4775807S';
const NEVER_MS = 10_675_199 * 86_400_000;

/** Milliseconds of an ISO 8601 duration as the service writes it; Infinity for its longest. Throws when it is none. */
export function millisecondsOf(duration: string): number {
  const found = PATTERN.exec(duration);
  if (found === null || duration === 'P') throw new Error(`'${duration}' is no ISO 8601 duration.`);
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  const ms =
    (days ?? 0) * 86_400_000 + (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000 + (seconds ?? 0) * 1_000;
  return ms >= NEVER_MS ? Infinity : Math.round(ms);
}

export function durationOf(ms: number): string {
  if (ms === Infinity) return NEVER;
  const days = Math.floor(ms / 86_400_000);
  const left = ms % 86_400_000;
  const parts = [
    [Math.floor(left / 3_600_000), 'H'],
    [Math.floor((left % 3_600_000) / 60_000), 'M'],
    [(left % 60_000) / 1_000, 'S'],
  ] as const;
  const time = parts.flatMap(([count, unit]) => (count > 0 ? [`${count}${unit}`] : [])).join('');
  if (days === 0 && time === '') return 'PT0S';
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
}
