import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { offerLink, prepareLinks } from '../../src/dashboard/links.ts';
import { DataFolderFault } from '../../src/kit/data-folder-fault.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { openDesk, tokenIn, Visitor } from './desk.ts';
import type { Race } from './taker.ts';

const ROOT = 0;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'links-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const offer = (where: string): string =>
  offerLink(where, { random: systemRandom, now: NOW, access: 'admin' });

test('no folder is made for a link: whoever serves the dashboard has made it, for their user', () => {
  const data = path.join(folder, 'data');
  expect(() => offer(data)).toThrow(DataFolderFault);
  expect(() => offer(data)).toThrow(/is not there: start the service or its dashboard first/);
  prepareLinks(data);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  expect(offer(data)).toMatch(/^[\w-]{43}$/);
});

test('a link that the dashboard could not read is not made', () => {
  const { uid } = statSync(folder);
  const own = vi.spyOn(process as Required<typeof process>, 'geteuid').mockReturnValue(uid + 1);
  if (uid === ROOT) chownSync(folder, 1_000, 1_000);
  expect(() => offer(folder)).toThrow(DataFolderFault);
  expect(() => offer(folder)).toThrow(/belongs to another user.*nothing was made; run this as the user/);
  expect(readdirSync(folder)).toEqual([]);
  own.mockReturnValue(statSync(folder).uid);
  expect(offer(folder)).toMatch(/^[\w-]{43}$/);
});

test.runIf(process.geteuid?.() === ROOT)('but in a folder of root, a volume in which a group writes', () => {
  vi.spyOn(process as Required<typeof process>, 'geteuid').mockReturnValue(1_000);
  expect(offer(folder)).toMatch(/^[\w-]{43}$/);
});

test('one that another user made is refused with the cause, and the dashboard goes on', async () => {
  const desk = await openDesk();
  const visitor = new Visitor(desk.ask);
  const token = tokenIn((await visitor.get('/sign-in')).text);
  const code = desk.offer();
  const open = shut(path.join(desk.folder, 'dashboard.link'));
  try {
    const { status, text } = await visitor.raw('/sign-in', { token, code });
    expect(status).toBe(403);
    expect(text).toContain('made by another user');
  } finally {
    open();
  }
  expect(desk.log()).toContain('"reason":"made by another user","msg":"dashboard: a sign-in was refused"');
  expect((await visitor.raw('/sign-in', { token, code })).status).toBe(303);
  await desk.close();
});

/** Nothing is shut to root: it is somebody else meanwhile. Returns what opens it again. */
function shut(file: string): () => void {
  if (process.geteuid?.() !== ROOT) {
    chmodSync(file, 0);
    return () => chmodSync(file, 0o600);
  }
  process.seteuid?.(65_534);
  return () => process.seteuid?.(ROOT);
}

test('of two who take it at the same moment, one has it', async () => {
  const takers = 2;
  const links = Array.from({ length: 200 }, (_, at) => {
    const own = path.join(folder, String(at));
    prepareLinks(own);
    return { folder: own, code: offer(own) };
  });
  const ready = new Int32Array(new SharedArrayBuffer(links.length * Int32Array.BYTES_PER_ELEMENT));
  const race: Race = { links, ready, takers, now: NOW };
  const taken = await Promise.all(
    Array.from({ length: takers }, async () => {
      const worker = new Worker(new URL('taker.ts', import.meta.url), { workerData: race });
      const [answer] = (await once(worker, 'message')) as [(string | null)[]];
      return answer;
    }),
  );
  const winners = links.map((_, at) => taken.filter((one) => one[at] === 'admin').length);
  expect(winners).toEqual(links.map(() => 1));
});
