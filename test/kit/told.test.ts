import { expect, test } from 'vitest';
import { toldOf } from '../../src/kit/told.ts';
import { Fault } from '../../src/model/fault.ts';

test.each(['no such person at anna@contoso.example', 'unreadable\n    at Anna Schmidt, +49 151 1000', ''])(
  'of a defect only its name and place are told, whatever its message says: %j',
  (message) => {
    const told = toldOf(new RangeError(message));
    expect(told).toMatch(/^RangeError at .*told\.test\.ts:\d+:\d+\)?$/);
    expect(told).not.toMatch(/anna/i);
  },
);

test('a fault speaks for itself, and what is no error says what it is', () => {
  expect(toldOf(new Fault('conflict', 'somebody else wrote', { code: 'Busy' }))).toBe(
    'conflict: somebody else wrote: Busy',
  );
  expect(toldOf('Anna')).toBe('string');
});
