import { expect, test } from 'vitest';
import { configurationName } from '../../src/run/configuration-name.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';

const [ann, bob] = ['5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33', '00aa11bb22cc33dd'];
const named = (compliance: string): string => configurationName(read(`${MINIMAL}compliance:\n${compliance}`));

test('processes disagree about who is kept out and how long the record is kept, not about the order of a list', () => {
  const both = named(`  keepOut: ['${ann}', '${bob}']\n`);
  expect(named(`  keepOut: ['${bob}', '${ann.toUpperCase()}', '${ann}']\n`)).toBe(both);
  const others = [
    named(`  keepOut: ['${ann}']\n`),
    named('  location: Frankfurt\n'),
    named('  record: { days: 30 }\n'),
  ];
  expect(new Set([both, ...others])).toHaveProperty('size', 4);
  expect(configurationName(read(MINIMAL))).toBe(named('  location: Frankfurt\n'));
});
