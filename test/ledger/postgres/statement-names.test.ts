import { expect, test } from 'vitest';
import { StatementNames } from '../../../src/ledger/postgres/client.ts';
import { saveRoute, show } from '../../contracts/ledger-setup.ts';
import { openMeddled } from './database.ts';
import { postgresHome } from './home.ts';

const home = postgresHome();

test('a statement has the same name each time, and beyond so many texts none: a connection keeps no more', () => {
  const names = new StatementNames();
  expect(names.of('select 1')).toMatch(/^ledger-.{10,50}$/);
  expect(names.of('select 1')).toBe(names.of('select 1'));
  expect(names.of('select 1')).not.toBe(names.of('select 2'));
  expect(names.of('begin')).toBe(null);
  for (let number = 0; number < 300; number++) names.of(`select ${number}`);
  expect(names.of('select 999')).toBe(null);
  expect(names.of('select 1')).not.toBe(null);
});

test('the text of a statement does not grow with its lists', async () => {
  const texts = new Set<string>();
  const ledger = await openMeddled(home.url(), (query) => (text, parameters) => {
    texts.add(text);
    return query(text, parameters);
  });
  const route = await saveRoute(ledger);
  await show(ledger, route, ['ann']);
  const before = texts.size;
  for (let size = 2; size < 20; size++) {
    await show(
      ledger,
      route,
      Array.from({ length: size }, (_, index) => `person-${index}`),
    );
  }
  expect(before).toBeGreaterThan(5);
  expect(texts.size).toBe(before);
  await ledger.close();
});
