import { createHash } from 'node:crypto';

/** A delta token covers the very groups that it was asked for, so a bundle of groups of one kind is named after all of them. */
export function bundleName(kind: 'group' | 'unit', groups: readonly string[]): string {
  return `${kind}s:${createHash('sha256').update(groups.toSorted().join()).digest('hex').slice(0, 32)}`;
}
