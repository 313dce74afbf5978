import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLog, silentLog } from '../../src/kit/log.ts';
import { newCounters } from '../../webhooks/counters.ts';
import { figuresFor } from '../../webhooks/figures.ts';
import { createPunctuality } from '../../webhooks/punctuality.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { notification, openDesk, postJson } from './desk.ts';

const MINUTE_MS = 60_000;

function watched() {
  const clock = new VirtualClock();
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const punctuality = createPunctuality(clock, log);
  const answer = (count: number, tookMs: number): void => {
    for (let number = 0; number < count; number += 1) punctuality.answered(tookMs);
  };
  return { clock, lines, punctuality, answer, wait: (ms: number) => clock.run(clock.now() + ms) };
}

describe('late answers', () => {
  it('are delayed above a tenth, not at a tenth; dropped above 15 hundredths, not there', () => {
    const { punctuality, answer, lines } = watched();
    answer(90, 3_000);
    answer(10, 3_001);
    expect(punctuality.figures()).toEqual({
      answers: 100,
      over3s: 10,
      over10s: 0,
      delayed: false,
      dropped: false,
    });
    expect(lines).toEqual([]);
    answer(1, 10_000);
    expect(punctuality.figures()).toMatchObject({ over3s: 11, over10s: 0, delayed: true, dropped: false });
    expect(lines).toMatchObject([
      {
        level: 'warn',
        msg: 'answers are so late that Microsoft Graph delays notifications',
        answers: 101,
        over3s: 11,
        minutes: 10,
      },
    ]);
    answer(17, 10_001);
    expect(punctuality.figures()).toMatchObject({ answers: 118, over10s: 17, dropped: false });
    answer(1, 10_001);
    expect(punctuality.figures()).toMatchObject({ answers: 119, over10s: 18, dropped: true });
    expect(lines.slice(1)).toMatchObject([
      { level: 'error', msg: 'answers are so late that Microsoft Graph drops notifications', over10s: 18 },
    ]);
  });

  it('count for ten minutes, to within ten seconds', async () => {
    const { punctuality, answer, wait } = watched();
    answer(5, 4_000);
    await wait(9 * MINUTE_MS + 49_000);
    answer(5, 1);
    expect(punctuality.figures()).toMatchObject({ answers: 10, over3s: 5, delayed: true });
    await wait(11_000);
    expect(punctuality.figures()).toMatchObject({ answers: 5, over3s: 0, delayed: false });
    await wait(24 * 60 * MINUTE_MS);
    expect(punctuality.figures()).toMatchObject({ answers: 0 });
    answer(1, 1);
    expect(punctuality.figures()).toMatchObject({ answers: 1 });
  });

  it('are told once in ten minutes while it lasts', async () => {
    const { answer, lines, wait } = watched();
    for (let minute = 0; minute < 25; minute += 1) {
      answer(10, 5_000);
      await wait(MINUTE_MS);
    }
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map(({ msg }) => msg)).size).toBe(1);
  });

  it('agree with a count of every answer, whatever comes when', async () => {
    const { punctuality, clock, answer, wait } = watched();
    const all: { slot: number; tookMs: number }[] = [];
    let state = 7;
    for (let step = 0; step < 2_000; step += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      const tookMs = state % 14_000;
      answer(1, tookMs);
      all.push({ slot: Math.floor(clock.now() / 10_000), tookMs });
      await wait(state % 37_000);
      const now = Math.floor(clock.now() / 10_000);
      const kept = all.filter(({ slot }) => slot > now - 60);
      expect(punctuality.figures()).toMatchObject({
        answers: kept.length,
        over3s: kept.filter((one) => one.tookMs > 3_000).length,
        over10s: kept.filter((one) => one.tookMs > 10_000).length,
      });
    }
  });
});

describe('the figures', () => {
  it('are there for the same machine, whatever headers say, and hold counts alone', async () => {
    const desk = await openDesk({ log: silentLog });
    await postJson(`${desk.url}/notifications`, { value: [notification()] });
    await postJson(`${desk.url}/notifications`, { value: [notification({ clientState: 'guess' })] });
    const response = await fetch(`${desk.url}/figures`, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(await response.json()).toEqual({
      sinceStart: { ...desk.receiver.counters },
      lastTenMinutes: { answers: 1, over3s: 0, over10s: 0, delayed: false, dropped: false },
    });
    expect(desk.receiver.counters).toMatchObject({ accepted: 1, forged: 1 });
    await desk.close();
  });

  it.each([
    ['127.0.0.1', 200],
    ['127.8.0.3', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['10.0.0.7', 404],
    ['::ffff:10.0.0.7', 404],
    ['203.0.113.127', 404],
    ['fe80::1', 404],
    ['', 404],
  ])('asked from %s: %i', (address, status) => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: address });
    const request = new IncomingMessage(socket);
    request.headers['x-forwarded-for'] = '127.0.0.1';
    const punctuality = createPunctuality(new VirtualClock(), silentLog);
    expect(figuresFor(request, { counters: newCounters(), punctuality }).status).toBe(status);
  });
});
