import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { certain, found, storePeople, traces } from '../personal-traces.ts';
import { postgresHome } from './home.ts';

/** What clients send is written to the server's own log as well, with its values. */
const home = postgresHome({ settings: { log_min_messages: 'log', log_statement: 'all' } });

test('no name, number or address of anybody lies in the bytes of the data folder, its logs included', async () => {
  const ledger = await home.open();
  await storePeople(ledger);
  const { data } = home.server();
  // Everything is in the files then, and stays there.
  await home.server().stop('fast');
  try {
    const entries = readdirSync(data, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)));
    expect(files.length).toBeGreaterThan(500);
    const log = files.filter((bytes) => bytes.includes('insert into "people"'));
    expect(found(['person-1'], log)).toEqual(['person-1']);
    expect(found(certain, files)).toEqual(certain);
    expect(traces.length).toBeGreaterThan(20);
    expect(found(traces, files)).toEqual([]);
  } finally {
    await home.server().start();
  }
});
