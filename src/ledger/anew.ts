import type { ExpressionBuilder } from 'kysely';
import type { Tables } from './tables.ts';

/**
 * How a place begins anew, whoever has it do so: everybody is gone through from the first, and what was read of the place
 * before is void. Every statement that sets a place back sets it back by this.
 */
export function anew(eb: ExpressionBuilder<Tables, 'places'>) {
  return { filled: 0, cursor: 0, dirty: 0, epoch: eb('places.epoch', '+', 1) };
}
