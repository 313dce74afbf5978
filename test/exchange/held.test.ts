import { afterEach, expect, test } from 'vitest';
import { openPair, type Pair } from './pair.ts';

let pair: Pair;
afterEach(() => pair.close());

test('the contact of somebody who lost their address stays as it is for as long as the guard holds it', async () => {
  pair = await openPair({ job: { grace: '0s', guard: { count: 0, percent: 0 } } });
  await pair.sync();
  const somebody = pair.somebody();
  const before = pair.contactOf(somebody);
  pair.contoso.directory.updateUser(somebody.id, { mail: null, department: 'Elsewhere' });
  expect(await pair.sync()).toMatchObject({ held: 1, blocked: 0, dead: 0 });
  expect(pair.contactOf(somebody)).toEqual(before);
});
