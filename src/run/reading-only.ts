import type { Operation, Target } from '../engine/ports.ts';

const READS: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'find',
  'read',
  'list-folders',
  'list-adoptable',
  'count',
]);

/** The second lock on the door: not even by mistake does whoever only looks write. */
export function readingOnly(target: Target): Target {
  return {
    apply: (operations, urgency) => {
      if (!operations.every(({ kind }) => READS.has(kind)))
        return Promise.reject(new Error('Whoever only looks does not write.'));
      return target.apply(operations, urgency);
    },
    spare: () => target.spare(),
  };
}
