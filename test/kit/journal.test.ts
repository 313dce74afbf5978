import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isJournal, withPriority } from '../../src/kit/journal.ts';
import { createLog } from '../../src/kit/log.ts';
import { ROOT } from '../house/sources.ts';

let folder: string;
let file: string;
let descriptor: number;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-journal-'));
  file = path.join(folder, 'journal');
  descriptor = openSync(file, 'w');
});
afterEach(() => {
  closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

function streamOf(of: number): string {
  const { dev, ino } = fstatSync(of, { bigint: true });
  return `${dev}:${ino}`;
}

describe('the journal of systemd', () => {
  test('is a descriptor of the device and inode that systemd names, and nothing else', () => {
    expect(isJournal(streamOf(descriptor), descriptor)).toBe(true);
    expect(isJournal(undefined, descriptor)).toBe(false);
    expect(isJournal('', descriptor)).toBe(false);
    const other = openSync(path.join(folder, 'elsewhere'), 'w');
    expect(isJournal(streamOf(descriptor), other)).toBe(false);
    closeSync(other);
    expect(isJournal('1:1', 12_345)).toBe(false);
  });

  test('is told the priority of each line', () => {
    const lines: string[] = [];
    const log = createLog('debug', withPriority({ write: (line) => void lines.push(line) }));
    log.tell('removals-held');
    log.tell('mailbox-parked');
    log.tell('sweep-done');
    log.debug('a detail');
    expect(lines.map((line) => line.slice(0, 4))).toEqual(['<3>{', '<4>{', '<6>{', '<7>{']);
    for (const line of lines) expect(JSON.parse(line.slice(3))).toHaveProperty('msg');
  });
});

/** The program with a file as its standard error, and the name of that file or of another as the journal. */
function runWith(journalStream: string | undefined): string[] {
  const { JOURNAL_STREAM: _, ...env } = process.env;
  const program = path.join(ROOT, 'src/cli/contact-sync.mjs');
  const args = [program, 'run', '--config', path.join(folder, 'not-there.yaml')];
  const { status } = spawnSync(process.execPath, args, {
    env: journalStream === undefined ? env : { ...env, JOURNAL_STREAM: journalStream },
    stdio: ['ignore', 'ignore', descriptor],
  });
  expect(status).toBe(2);
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

function isEvent(line: string): boolean {
  return line.includes('"eventId"');
}

/** The line of the event, and the others; which comes first is not promised. */
function apart(lines: readonly string[]): { event: string; words: string } {
  const [event = '', ...more] = lines.filter(isEvent);
  expect(more).toEqual([]);
  return { event, words: lines.filter((line) => !isEvent(line)).join('\n') };
}

describe('a service that cannot start', () => {
  test('says so as an error of the journal, by its event and in words', () => {
    const lines = runWith(streamOf(descriptor));
    expect(lines.map((line) => line.slice(0, 3))).toEqual(lines.map(() => '<3>'));
    const { event, words } = apart(lines);
    expect(JSON.parse(event.slice(3))).toMatchObject({
      level: 'error',
      event: 'run-failed',
      eventId: 115,
      exitCode: 2,
    });
    expect(words).toMatch(/^<3>contact-sync: there is no file/);
  });

  test.each([undefined, '1:1'])('says the same in plain lines elsewhere (%s)', (journalStream) => {
    const { event, words } = apart(runWith(journalStream));
    expect(JSON.parse(event)).toMatchObject({ event: 'run-failed' });
    expect(words).toMatch(/^contact-sync: there is no file/);
  });
});
