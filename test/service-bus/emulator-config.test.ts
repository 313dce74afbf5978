import { expect, test } from 'vitest';
import { durationOf, millisecondsOf } from './durations.ts';
import { readEmulatorConfig } from './emulator-config.ts';

test.each([
  ['PT5S', 5_000],
  ['PT1M', 60_000],
  ['PT1M30.5S', 90_500],
  ['P14D', 14 * 24 * 3_600_000],
  ['P1DT2H', 26 * 3_600_000],
  ['P10675199DT2H48M5.4775807S', Infinity],
])('the duration %s is %d ms', (duration, ms) => {
  expect(millisecondsOf(duration)).toBe(ms);
  expect(durationOf(ms)).toBe(duration);
});

test.each(['', 'P', '5', 'PT-5S', 'P1Y'])('%j is no duration', (duration) => {
  expect(() => millisecondsOf(duration)).toThrow('no ISO 8601 duration');
});

test.each([
  ['no configuration at all', '{}', 'none of the emulator'],
  ['topics', '{"UserConfig":{"Namespaces":[{"Topics":[{"Name":"t"}]}]}}', 'no topics'],
  [
    'forwarding',
    '{"UserConfig":{"Namespaces":[{"Queues":[{"Name":"q","Properties":{"ForwardTo":"r"}}]}]}}',
    'forwards',
  ],
])('a configuration with %s is refused', (_what, json, complaint) => {
  expect(() => readEmulatorConfig(json)).toThrow(complaint);
});
