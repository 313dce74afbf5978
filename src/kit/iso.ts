/** A moment (ms since 1970) as people and other programs read it, in UTC. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
