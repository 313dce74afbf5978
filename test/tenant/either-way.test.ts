import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answers, type OpenSwitch } from './answers.ts';
import { defaultSwitches, type Switches } from './options.ts';
import { liveThrough, type Weeks } from './working-weeks.ts';

/** Everybody right, nobody's own touched, no rule broken. A name that Exchange refuses costs its bearer the contact, and nobody else. */
function expectRight({ tenant, comparison, longName }: Weeks): void {
  const { textMax } = tenant.switches;
  const wrong = comparison.divergences.filter(({ source }) => textMax === null || source !== longName.id);
  expect(wrong).toEqual([]);
  expect(comparison).toMatchObject({ duplicates: 0, foreignTouched: 0 });
  expect(comparison.contacts).toBeGreaterThan(40);
  expect(tenant.oracles.violations).toEqual([]);
}

const others = (Object.keys(answers) as OpenSwitch[]).flatMap((name) =>
  (answers[name] as readonly Switches[OpenSwitch][])
    .filter((answer) => !isDeepStrictEqual(answer, defaultSwitches[name]))
    .map((answer) => ({ name, answer })),
);

describe('whatever Microsoft answers where its texts leave it open, two weeks end with every mailbox right', () => {
  it('as the switches stand unless set', async () => expectRight(await liveThrough({})));

  it.each(others)('$name: $answer', async ({ name, answer }) => {
    expectRight(await liveThrough({ [name]: answer }));
  });
});
