import { expect, test } from 'vitest';
import { showProgress } from '../../src/cli/progress.ts';
import type { Progress } from '../../src/run/service.ts';

function display(isTTY: boolean) {
  let [now, text] = [0, ''];
  const output = { isTTY, write: (part: string) => void (text += part) };
  const shown = showProgress(output, { now: () => now, sleep: () => Promise.reject(new Error('no sleep')) });
  return {
    at: (ms: number, done: number, phase: Progress['phase'] = 'contacts') => {
      now = ms;
      shown.report({ phase, done, total: 1000 });
    },
    end: () => shown.end(),
    text: () => text,
  };
}

test('elsewhere than on a terminal: the first, one about every 5 seconds, and the last, each a plain line', () => {
  const { at, end, text } = display(false);
  for (let ms = 0; ms <= 12_000; ms += 100) at(ms, ms / 100);
  at(12_100, 1000);
  at(12_200, 1000);
  end();
  expect(text()).toBe(
    'contacts: 0 of 1,000 (0 %)\ncontacts: 50 of 1,000 (5 %)\ncontacts: 100 of 1,000 (10 %)\ncontacts: 1,000 of 1,000 (100 %)\n',
  );
});

test('99.9 % is not 100', () => {
  const { at, text } = display(false);
  at(0, 999);
  expect(text()).toContain('(99 %)');
});

test('on a terminal: one bar that redraws itself, at most ten times a second, and a fresh line for the next phase', () => {
  const { at, end, text } = display(true);
  at(0, 0, 'directory');
  at(10, 1, 'directory');
  at(20, 1000, 'directory');
  at(30, 0);
  for (let ms = 40; ms <= 10_030; ms += 10) at(ms, 100);
  at(10_040, 500);
  at(10_140, 1000);
  end();
  const [directory = '', contacts = '', rest] = text().split('\n');
  expect(directory.split('\r')).toHaveLength(3);
  expect(contacts.split('\r').length).toBeLessThanOrEqual(104);
  expect(contacts).toContain('10 %  100 of 1,000  2 min left');
  expect(contacts.endsWith(`contacts  ${'█'.repeat(30)} 100 %  1,000 of 1,000\u001b[K`)).toBe(true);
  expect(rest).toBe('');
});
