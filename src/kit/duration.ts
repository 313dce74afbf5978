const MS_OF_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** What a duration looks like, for people and for JSON Schema: a whole number with its unit. */
export const DURATION_PATTERN = '^[0-9]{1,9}(ms|s|m|h|d)$';

/** Milliseconds of `30s`, `5m`, `2h`, `1d` or `250ms`; undefined when the text is no duration. A bare number is none: its unit would be a guess. */
export function parseDuration(text: string): number | undefined {
  const match = new RegExp(DURATION_PATTERN).exec(text);
  const unit = match === null ? undefined : MS_OF_UNIT[match[1] ?? ''];
  return unit === undefined ? undefined : Number.parseInt(text, 10) * unit;
}
