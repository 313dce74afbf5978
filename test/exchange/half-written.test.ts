import { afterEach, expect, test } from 'vitest';
import { openPair, type Pair } from './pair.ts';

let pair: Pair;
afterEach(() => pair.close());

test('a contact of which only the personal half could be written is written again, also where the person is as before by then', async () => {
  pair = await openPair();
  await pair.sync();
  const somebody = pair.somebody();
  const { department } = somebody;
  pair.contoso.directory.updateUser(somebody.id, { department: 'Elsewhere' });
  const over = new AbortController();
  pair.refuse('Set-MailContact', () => setTimeout(() => over.abort(), 500));
  await pair.with((service) => service.syncOnce(over.signal));
  pair.refuse(null);
  expect(pair.contactOf(somebody)?.personal.Department).toBe('Elsewhere');
  pair.contoso.directory.updateUser(somebody.id, { department });
  await pair.sync();
  expect(pair.compare().divergences).toEqual([]);
});
