import { BAD } from './cursor.ts';
import type { Shape } from './shapes.ts';
import { choice } from './words.ts';

const KINDS = ['directory', 'mirror', 'cross-tenant'] as const;
type Kind = (typeof KINDS)[number];

/** The word that a job of this kind bears; whoever misspells it is told all of them. */
export function jobKind<One extends Kind>(one: One): Shape<One> {
  const any = choice(KINDS);
  return {
    expected: any.expected,
    json: { enum: [one] },
    read: (cursor) => (any.read(cursor) === one ? one : BAD),
  };
}
