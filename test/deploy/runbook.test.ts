import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../house/sources.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, 'deploy', file), 'utf8');
const page = read('runbook.md');

const { groups } = parse(read('monitoring/contact-sync.rules.yml')) as {
  groups: { rules: { alert: string }[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

/** As pages are linked into: lower case, words joined by hyphens. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

const rows = [...page.matchAll(/^\| (ContactSync[^|]+) \| ([^|]+) \|$/gm)];

test('each alert has its section in the runbook, and the table names no other', () => {
  expect(alerts.length).toBeGreaterThan(15);
  const named = new Set(rows.flatMap(([, names = '']) => names.trim().split(', ')));
  expect([...named].toSorted()).toEqual(alerts.toSorted());
});

test('each section that the table leads to is there, and says how its alert looks', () => {
  const sections = new Map(
    page.split(/^#{2,3} /m).map((text) => [anchorOf(text.split('\n', 1)[0] ?? ''), text]),
  );
  for (const [, names = '', links = ''] of rows) {
    const anchors = [...links.matchAll(/\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(anchors.length, names).toBeGreaterThan(0);
    for (const anchor of anchors) expect([...sections.keys()]).toContain(anchor);
    const texts = anchors.map((anchor) => sections.get(anchor) ?? '').join('\n');
    for (const name of names.trim().split(', ')) expect(texts).toContain(name);
  }
});

test('every section says how it looks or what is safe, and how one sees that it is over', () => {
  const incidents = page
    .split(/^### /m)
    .slice(1)
    .map((text) => text.split(/^## /m, 1)[0] ?? '');
  expect(incidents.length).toBeGreaterThan(15);
  for (const text of incidents) {
    expect(text).toContain('**Safe meanwhile:**');
    expect(text).toContain('**Over when**');
  }
});

test('links inside the page lead to its headings', () => {
  const headings = new Set([...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
  expect(links.length).toBeGreaterThan(15);
  expect(links.filter((anchor) => !headings.has(anchor))).toEqual([]);
});
