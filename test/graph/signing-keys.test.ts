import { expect, test } from 'vitest';
import { createSigningKeys } from '../../src/graph/signing-keys.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { keySet, signer } from './jwks.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const [first, second] = [signer('first'), signer('second')];

function keysAt(set = keySet(first)) {
  const clock = new VirtualClock();
  const keys = createSigningKeys('https://login.example/keys', { transport: set.transport, clock });
  const later = (ms: number): Promise<unknown> => clock.run(clock.now() + ms);
  return { set, keys, later };
}

test('keys are read once for everybody who asks at the same time', async () => {
  const { set, keys } = keysAt();
  const found = await Promise.all(Array.from({ length: 20 }, () => keys.key('first')));
  expect(found.every((key) => key?.equals(first.publicKey))).toBe(true);
  expect(set.asked).toBe(1);
});

test('a new key is found when a token names it, and made-up names ask once in a minute at most', async () => {
  const { set, keys, later } = keysAt();
  await keys.key('first');
  set.keys = [first.jwk, second.jwk];
  expect(await keys.key('second')).toBeUndefined();
  await later(MINUTE);
  expect((await keys.key('second'))?.equals(second.publicKey)).toBe(true);
  for (let times = 0; times < 5; times += 1) expect(await keys.key('made up')).toBeUndefined();
  expect(set.asked).toBe(2);
});

test('a key that was taken back counts for a day at most', async () => {
  const { set, keys, later } = keysAt();
  await keys.key('first');
  set.keys = [second.jwk];
  await later(DAY - 1);
  expect(await keys.key('first')).toBeDefined();
  await later(1);
  expect(await keys.key('first')).toBeUndefined();
});

test.each([
  ['a lost connection', new TypeError('fetch failed'), 'no answer from the authority'],
  ['a refusal on the way', { status: 403 }, 'answers 403 in place of its signing keys'],
  ['a missing page', { status: 404 }, 'answers 404 in place of its signing keys'],
  ['a demand to wait', { status: 429 }, 'answers 429 in place of its signing keys'],
  ['a page of a proxy', { body: '<html>' }, 'names no signing keys'],
])('%s is no refusal of the app, and is tried again after a minute', async (_what, instead, message) => {
  const { set, keys, later } = keysAt();
  set.instead = instead;
  const away = { kind: 'unavailable', message: expect.stringContaining(message) as string };
  await expect(keys.key('first')).rejects.toMatchObject(away);
  set.instead = null;
  await later(MINUTE - 1);
  await expect(keys.key('first')).rejects.toMatchObject(away);
  expect(set.asked).toBe(1);
  await later(1);
  expect(await keys.key('first')).toBeDefined();
});

test('while they cannot be read a known key counts for an hour beyond its day, and an unknown one not', async () => {
  const { set, keys, later } = keysAt();
  await keys.key('first');
  set.instead = { status: 503 };
  await later(DAY);
  expect(await keys.key('first')).toBeDefined();
  expect(await keys.key('first')).toBeDefined();
  expect(set.asked).toBe(2);
  await expect(keys.key('second')).rejects.toMatchObject({ kind: 'unavailable' });
  await later(60 * MINUTE - 1);
  expect(await keys.key('first')).toBeDefined();
  await later(1);
  await expect(keys.key('first')).rejects.toMatchObject({ kind: 'unavailable' });
  set.instead = null;
  await later(MINUTE);
  expect(await keys.key('first')).toBeDefined();
});

test('what is no RSA key for signatures is left out', async () => {
  const set = keySet();
  const { use: _use, ...plain } = second.jwk;
  set.keys = [
    { ...first.jwk, kid: 'enc', use: 'enc' },
    { ...first.jwk, kid: 'odd', use: 1 },
    { ...first.jwk, kid: 'ec', kty: 'EC' },
    { ...first.jwk, kid: undefined },
    { kid: 'empty', kty: 'RSA' },
    plain,
    first.jwk,
  ];
  const { keys } = keysAt(set);
  for (const kid of ['enc', 'odd', 'ec', 'empty', '']) expect(await keys.key(kid)).toBeUndefined();
  for (const kid of ['first', 'second']) expect(await keys.key(kid)).toBeDefined();
});
