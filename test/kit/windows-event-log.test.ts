import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { converse, type Conversation, type Converse } from '../../src/kit/converse.ts';
import { EVENT_LOG_ARGUMENTS } from '../../src/kit/event-log-script.ts';
import { createLog } from '../../src/kit/log.ts';
import { createWindowsEventLog, type EventLog } from '../../src/kit/windows-event-log.ts';
import { until } from '../process/until.ts';
import { EventLogStage } from './event-log-stage.ts';
import { VirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;

/** PowerShell as the sink sees it: what was said, and who listens. */
class Shell implements Conversation {
  readonly said: { id: number; text: string }[] = [];
  ended = false;
  readonly listening: Parameters<Converse>[1];
  constructor(listening: Parameters<Converse>[1]) {
    this.listening = listening;
  }
  say(line: string): void {
    this.said.push(JSON.parse(line) as { id: number; text: string });
  }
  end(): void {
    this.ended = true;
  }
}

function thrown(): never {
  throw new Error('spawn EMFILE');
}

describe('the sink', () => {
  let clock: VirtualClock;
  let shells: Shell[];
  let complaints: string[];
  let sink: EventLog;
  beforeEach(() => {
    clock = new VirtualClock();
    shells = [];
    complaints = [];
    const speak: Converse = (_program, listening) => {
      const shell = new Shell(listening);
      shells.push(shell);
      return shell;
    };
    sink = createWindowsEventLog({
      converse: speak,
      program: 'powershell.exe',
      clock,
      complain: (reason) => void complaints.push(reason),
    });
  });

  const pass = (ms: number): Promise<void> => clock.run(clock.now() + ms);
  const ids = (): number[] => shells.flatMap(({ said }) => said.map(({ id }) => id));
  const answer = (shell = 0, line = '{}'): void => shells[shell]?.listening.onLine(line);

  test('starts no program for successes, and one for all that is written', () => {
    sink.take('stopped', {});
    expect(shells).toEqual([]);
    sink.take('removals-held', {});
    sink.take('job-withdrawn', {});
    expect(shells).toHaveLength(1);
    expect(ids()).toEqual([501, 502]);
  });

  test('of many alike it writes one in a minute, and says with the next how many there were', async () => {
    for (let time = 0; time < 40; time += 1) sink.take('task-failed', {});
    expect(ids()).toEqual([105]);
    answer();
    await pass(MINUTE_MS - 1);
    sink.take('task-failed', {});
    expect(ids()).toEqual([105]);
    await pass(1);
    sink.take('task-failed', {});
    expect(shells.at(-1)?.said.at(-1)?.text).toContain('40 more like it came before');
  });

  test('ends the program when there is nothing to write for a minute, and starts it again', async () => {
    sink.take('removals-held', {});
    answer();
    await pass(MINUTE_MS - 1);
    expect(shells[0]?.ended).toBe(false);
    await pass(1);
    expect(shells[0]?.ended).toBe(true);
    sink.take('job-withdrawn', {});
    expect(shells).toHaveLength(2);
    expect(complaints).toEqual([]);
  });

  test('a refusal is said once, nothing is tried for ten minutes, and then it is', async () => {
    sink.take('removals-held', {});
    answer(0, '{"error":"SecurityException"}');
    expect(complaints).toEqual(['SecurityException']);
    await pass(9 * MINUTE_MS);
    sink.take('run-failed', {});
    expect(shells).toHaveLength(1);
    await pass(MINUTE_MS);
    sink.take('run-failed', {});
    answer(1, 'no JSON');
    expect(complaints).toHaveLength(1);
    await pass(10 * MINUTE_MS);
    sink.take('task-failed', {});
    answer(2);
    sink.take('removals-held', {});
    answer(2, '{"error":"Win32Exception"}');
    expect(complaints).toEqual(['SecurityException', 'Win32Exception']);
  });

  test.each([
    ['NoPowerShell', 'notStarted'],
    ['PowerShellEnded', 'ended'],
  ] as const)('%s', (reason, why) => {
    sink.take('removals-held', {});
    shells[0]?.listening.onEnd(why);
    expect(complaints).toEqual([reason]);
  });

  test('one that does not answer is ended', async () => {
    sink.take('removals-held', {});
    await pass(30_000);
    expect(complaints).toEqual(['NoAnswer']);
    expect(shells[0]?.ended).toBe(true);
    answer();
    expect(complaints).toHaveLength(1);
  });

  test('one that hangs is noticed while more entries come, and an answer gives it time anew', async () => {
    sink.take('removals-held', {});
    await pass(20_000);
    sink.take('job-withdrawn', {});
    await pass(9_999);
    expect(complaints).toEqual([]);
    answer();
    await pass(29_999);
    expect(complaints).toEqual([]);
    sink.take('run-failed', {});
    await pass(1);
    expect(complaints).toEqual(['NoAnswer']);
  });

  test.each<[string, () => Conversation]>([
    ['cannot be started', () => thrown()],
    ['cannot be spoken to', () => ({ say: () => thrown(), end: () => {} })],
  ])('a program that %s stops nobody who logs, and is tried again', async (_what, conversation) => {
    let starts = 0;
    const failing = createWindowsEventLog({
      converse: () => {
        starts += 1;
        return conversation();
      },
      program: 'powershell.exe',
      clock,
      complain: (reason) => void complaints.push(reason),
    });
    const log = createLog('silent', { write: () => {} }, failing);
    log.tell('removals-held', { job: 'staff' });
    log.tell('job-withdrawn');
    expect(complaints).toEqual(['NoPowerShell']);
    expect(starts).toBe(1);
    await pass(10 * MINUTE_MS);
    log.tell('removals-held');
    expect(starts).toBe(2);
    await failing.close();
  });

  test('a close waits for what is under way, and not for ever; afterwards nothing is taken', async () => {
    sink.take('removals-held', {});
    const closed = sink.close();
    sink.take('job-withdrawn', {});
    answer();
    await closed;
    expect(ids()).toEqual([501]);
    expect(shells[0]?.ended).toBe(true);

    const hanging = createWindowsEventLog({
      converse: (_program, listening) => new Shell(listening),
      program: 'powershell.exe',
      clock,
      complain: () => {},
    });
    hanging.take('removals-held', {});
    const given = hanging.close();
    await pass(10_000);
    await given;
  });
});

describe('through a real program', () => {
  let stage: EventLogStage;
  beforeEach(() => {
    stage = new EventLogStage();
  });
  afterEach(() => stage.close());

  const open = (complaints: string[], program = stage.program): EventLog =>
    createWindowsEventLog({
      converse,
      program,
      clock: systemClock,
      complain: (reason) => void complaints.push(reason),
    });

  test('entries arrive whole; the script is the same whatever they hold, and no argument holds any of it', async () => {
    const complaints: string[] = [];
    const sink = open(complaints);
    const log = createLog('silent', { write: () => {} }, sink);
    const odd = `"; Remove-Item C:\\ ; $(x) ü €\n'@`;
    log.tell('run-failed', { error: odd });
    log.tell('removals-held', { job: 'staff' });
    log.tell('stopped');
    await sink.close();
    expect(stage.entries().map(({ id }) => id)).toEqual([115, 501]);
    expect(stage.entries()[0]?.text).toContain(`error: ${odd}`);
    expect(stage.starts()).toEqual([EVENT_LOG_ARGUMENTS.join(' ')]);
    expect(complaints).toEqual([]);
  });

  test.each([
    ['refuse', 'SecurityException'],
    ['die', 'PowerShellEnded'],
  ] as const)('one that has to %s is said once, and nothing is thrown', async (how, reason) => {
    stage.behave(how);
    const complaints: string[] = [];
    const sink = open(complaints);
    for (const event of ['run-failed', 'removals-held', 'task-failed'] as const) sink.take(event, {});
    await until(() => complaints.length > 0);
    await sink.close();
    expect(complaints).toEqual([reason]);
    expect(stage.entries()).toEqual([]);
  });

  test('where there is no such program, that is said', async () => {
    const complaints: string[] = [];
    const sink = open(complaints, path.join(stage.folder, 'nothing'));
    sink.take('removals-held', {});
    await until(() => complaints.length > 0);
    expect(complaints).toEqual(['NoPowerShell']);
    await sink.close();
  });
});
