import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { EVENT_GROUPS, eventOf, type EventName } from '../../src/kit/events/catalogue.ts';
import type { EventFacts } from '../../src/kit/events/event.ts';
import { createLog } from '../../src/kit/log.ts';
import { readSources, ROOT } from '../house/sources.ts';
import { eventsPage } from './events-page.ts';

const all = EVENT_GROUPS.flatMap(({ hundred, events }) =>
  Object.entries<EventFacts>(events).map(([name, facts]) => ({ hundred, name, facts })),
);
const program = readSources().filter(({ path }) => !path.startsWith('test/'));

/** Who passes an event on that somebody else named. */
const FORWARDING = ['webhooks/complaints.ts', 'webhooks/punctuality.ts'];

function toldIn(code: string): string[] {
  return Array.from(code.matchAll(/\b(?:log\.tell|about|complain)\(\s*'([\w-]+)'/g), ([, name = '']) => name);
}

describe('the catalogue', () => {
  test('has no id and no name twice, and each id in the hundred of its group, in order', () => {
    expect(all.length).toBeGreaterThan(90);
    for (const { hundred, name, facts } of all) {
      expect(Math.floor(facts.id / 100), name).toBe(hundred);
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      // The same facts by name as in the group: no other group has the name.
      expect(eventOf(name as EventName), name).toBe(facts);
    }
    const ids = all.map(({ facts }) => facts.id);
    expect(ids).toEqual([...new Set(ids)].toSorted((one, other) => one - other));
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  test('says of every error what a person does', () => {
    const errors = all.filter(({ facts }) => facts.level === 'error');
    expect(errors.length).toBeGreaterThan(20);
    expect(errors.filter(({ facts }) => facts.remedy === null).map(({ name }) => name)).toEqual([]);
    for (const { name, facts } of all)
      for (const text of [facts.message, facts.meaning, facts.remedy ?? 'none'])
        expect(text.length, name).toBeGreaterThan(3);
  });

  test('is told somewhere, event by event, and nothing is told that is not in it', () => {
    const told = new Set(program.flatMap(({ code }) => toldIn(code)));
    expect(all.map(({ name }) => name).filter((name) => !told.has(name))).toEqual([]);
    const known = new Set(all.map(({ name }) => name));
    expect([...told].filter((name) => !known.has(name as EventName))).toEqual([]);
  });

  test('is the only way into the log above debug', () => {
    const dynamic = program.filter(({ code }) => /\blog\.tell\(\s*[^'\s]/.test(code)).map(({ path }) => path);
    expect(dynamic.toSorted()).toEqual(FORWARDING);
    const others = program
      .filter(({ code }) => /\b[lL]og\.(?:info|warn|error|fatal)\s*\(|from 'pino'/.test(code))
      .map(({ path }) => path);
    expect(others.toSorted()).toEqual(['src/kit/journal.ts', 'src/kit/log.ts']);
  });

  test('is the page for those who run it', async () => {
    await expect(eventsPage()).toMatchFileSnapshot(path.join(ROOT, 'deploy/events.md'));
  });
});

describe('a line of the log', () => {
  test('has id, name, level and text of its event, and its keys', () => {
    const lines: unknown[] = [];
    const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) });
    log.tell('removals-held', { job: 'staff', held: 3 });
    log.debug('a detail', { n: 1 });
    expect(lines).toEqual([
      {
        level: 'error',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        eventId: 501,
        event: 'removals-held',
        job: 'staff',
        held: 3,
        msg: eventOf('removals-held').message,
      },
    ]);
  });

  test.each([
    ['error', ['removals-held']],
    ['warn', ['removals-held', 'mailbox-parked']],
    ['debug', ['removals-held', 'mailbox-parked', 'sweep-done', undefined]],
    ['silent', []],
  ])('is written from its level on: %s', (level, expected) => {
    const lines: unknown[] = [];
    const log = createLog(level, {
      write: (line) => void lines.push((JSON.parse(line) as { event?: string }).event),
    });
    log.tell('removals-held');
    log.tell('mailbox-parked');
    log.tell('sweep-done');
    log.debug('a detail');
    expect(lines).toEqual(expected);
  });
});
