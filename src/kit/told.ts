/**
 * An error as a log may show it. A `Fault` speaks in constants of ours; any other message may quote what it failed on, so
 * of a defect only its name and place are told.
 */
export function toldOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (isFault(error)) return [error.kind, error.message, error.code].filter(Boolean).join(': ');
  // A message may have an "at" of its own, and lines that look like places.
  const places = (error.stack ?? '').replace(error.message, '');
  const [, place = ''] = /^\s+(at .*)/m.exec(places) ?? [];
  return `${error.name} ${place}`.trim();
}

function isFault(error: Error): error is Error & { readonly kind: string; readonly code?: string } {
  return error.name === 'Fault' && 'kind' in error && typeof error.kind === 'string';
}
