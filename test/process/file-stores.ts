import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { readDepths } from '../../src/queue/figures.ts';
import type { Stores } from './stores.ts';

const LEDGER = 'ledger.sqlite';
const QUEUE = 'queue.sqlite';

const EMPTY = { due: 0, held: 0, delayed: 0 };
const NOTHING = { changes: EMPTY, writes: EMPTY };

/** The files of a data folder. `clock`: of the service. */
export function fileStores(data: string, clock: Clock = systemClock): Stores {
  const backup = `${data}.backup`;
  const loseLedger = (): Promise<void> => remove(LEDGER, data);
  return {
    keys: {},
    env: {},
    loseLedger,
    loseQueue: () => remove(QUEUE, data),
    copyLedger: async () => {
      await rm(backup, { recursive: true, force: true });
      await mkdir(backup);
      await copy(LEDGER, data, backup);
    },
    restoreLedger: async () => {
      await loseLedger();
      await copy(LEDGER, backup, data);
    },
    awake: () => Promise.resolve(true),
    contents: async () => {
      const names = await readdir(data).catch(() => null);
      if (names === null) return null;
      return Promise.all(names.map(async (name) => [name, digest(await readFile(path.join(data, name)))]));
    },
    waiting: (withinMs) => {
      const depths = readDepths(path.join(data, QUEUE), clock.now() + withinMs);
      const { changes, writes } = depths ?? NOTHING;
      const due = changes.due + changes.held + writes.due + writes.held;
      return Promise.resolve({ due, later: changes.delayed + writes.delayed });
    },
    knowsWhatIsNew: true,
    atRest: () => Promise.resolve([data]),
    close: () => rm(backup, { recursive: true, force: true }),
  };
}

/** A database with its log. Throws when there is none: whoever loses nothing tests nothing. */
async function filesOf(database: string, folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.startsWith(database));
  if (files.length === 0) throw new Error(`There is no ${database} in ${folder}.`);
  return files;
}

async function remove(database: string, folder: string): Promise<void> {
  for (const name of await filesOf(database, folder)) await rm(path.join(folder, name));
}

async function copy(database: string, from: string, to: string): Promise<void> {
  for (const name of await filesOf(database, from))
    await copyFile(path.join(from, name), path.join(to, name));
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
