import type { Figure } from './figure.ts';

const HEAD = ['figure', 'measured', 'target', 'floor', 'unit', ''];

/** One line a figure; what it was measured with, and notes, below. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    HEAD,
    ...figures.map(({ name, measured, target, floor, unit, best, reached }) => [
      name,
      measured === null ? 'not here' : String(measured),
      `${best === 'low' ? 'at most' : 'at least'} ${target}`,
      String(floor),
      unit,
      reached ? 'reached' : 'NOT REACHED',
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, '', ...figures.flatMap(conditions)].join('\n');
}

function conditions({ name, with: conditions, note }: Figure): string[] {
  const pairs = Object.entries(conditions).map(([key, value]) => `${key} ${value}`);
  return [`${name}: ${pairs.join(', ')}`, ...(note === undefined ? [] : [`  ${note}`])];
}
