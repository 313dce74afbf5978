import { createHash } from 'node:crypto';

/** A delta token covers the very groups that it was asked for, so a bundle of groups is named after all of them. */
export function bundleName(groups: readonly string[]): string {
  return `groups:${createHash('sha256').update(groups.toSorted().join()).digest('hex').slice(0, 32)}`;
}
