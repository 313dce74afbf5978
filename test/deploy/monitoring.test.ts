import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CATALOGUE } from '../../src/run/metrics/catalogue.ts';
import { ROOT } from '../house/sources.ts';
import { hasPromtool, promtool } from '../process/exposition.ts';

const FOLDER = path.join(ROOT, 'deploy/monitoring');
const RULES = 'contact-sync.rules.yml';
const RULE_TESTS = 'contact-sync.rules.test.yml';
const read = (file: string): string => readFileSync(path.join(FOLDER, file), 'utf8');

/** Names as Prometheus stores them: a histogram is three. */
const stored: ReadonlySet<string> = new Set(
  Object.entries(CATALOGUE).flatMap(([name, { type }]) =>
    type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
  ),
);

/** Metrics that an expression names. */
function namedIn(expression: string): string[] {
  return [...new Set(expression.match(/\b(?:contact_sync|process)_[a-z_]+/g) ?? [])];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const { groups } = parse(read(RULES)) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
};
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

test('promtool is here where it is required', () => {
  const required = (process.env['CONTACT_SYNC_REQUIRE'] ?? '').split(',').includes('promtool');
  expect(hasPromtool || !required).toBe(true);
});

describe('the catalogue', () => {
  test.each(Object.entries(CATALOGUE))(
    '%s is named as Prometheus wants it',
    (name, { type, help, labels }) => {
      expect(name).toMatch(/^(?:contact_sync|process)(?:_[a-z]+)+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(help).toMatch(/^[A-Z01].{10,}\.$/);
      // Prometheus gives these itself, and renames what comes with them.
      for (const label of labels) expect(['job', 'instance', 'le']).not.toContain(label);
    },
  );

  test('is told in the documents, name by name, and nothing else is', () => {
    const told = [...read('README.md').matchAll(/^\| `((?:contact_sync|process)_[a-z_]+)`/gm)].map(
      ([, name = '']) => name,
    );
    expect(told.toSorted()).toEqual(Object.keys(CATALOGUE).toSorted());
  });
});

describe('the dashboard', () => {
  test('asks for metrics that exist, and for every one of them', () => {
    expect(queries.length).toBeGreaterThan(30);
    for (const query of queries) {
      const named = namedIn(query);
      expect(named, query).not.toEqual([]);
      expect(named.filter((name) => !stored.has(name))).toEqual([]);
    }
    const asked = new Set(queries.flatMap(namedIn));
    expect([...stored].filter((name) => !asked.has(name))).toEqual([]);
  });

  test('sums and groups by labels that the metrics have', () => {
    for (const query of queries) {
      const labels = new Set(['instance', 'job', 'le', ...namedIn(query).flatMap((name) => labelsOf(name))]);
      const used = [
        ...[...query.matchAll(/\b(?:by|without|on|group_left) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
          list.split(', '),
        ),
        ...[...query.matchAll(/([a-z_]+)(?:=~|!~|=|!=)"/g)].map(([, label = '']) => label),
      ];
      expect(
        used.filter((label) => !labels.has(label)),
        query,
      ).toEqual([]);
    }
  });

  test('has panels with titles and ids of their own, none on another', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.every((cell) => Number(cell.split(':')[0]) < 24)).toBe(true);
  });

  test('knows its variables', () => {
    const variables = new Set(dashboard.templating.list.map(({ name }) => name));
    const used = [...read('grafana-dashboard.json').matchAll(/\$\{?([a-z]+)\b/g)].map(
      ([, name = '']) => name,
    );
    expect([...new Set(used)].filter((name) => !variables.has(name))).toEqual([]);
  });
});

function labelsOf(name: string): readonly string[] {
  const found = Object.entries(CATALOGUE).find(
    ([base]) => name === base || name.replace(/_(?:bucket|sum|count)$/, '') === base,
  );
  return found?.[1].labels ?? [];
}

describe('the alert rules', () => {
  test('name metrics that exist, say what is wrong and what to do, and how bad it is', () => {
    expect(rules.length).toBeGreaterThan(15);
    for (const { alert, expr, labels, annotations } of rules) {
      expect(alert).toMatch(/^ContactSync[A-Z]\w+$/);
      const named = namedIn(expr);
      expect(named, alert).not.toEqual([]);
      expect(named.filter((name) => !stored.has(name))).toEqual([]);
      expect(['warning', 'critical']).toContain(labels['severity']);
      expect(annotations['summary']?.length, alert).toBeGreaterThan(20);
      expect(annotations['remedy']?.length, alert).toBeGreaterThan(40);
    }
  });

  test('are told in the documents, name by name', () => {
    const told = [...read('README.md').matchAll(/^\| (ContactSync\w+)/gm)].map(([, name = '']) => name);
    expect(told.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });

  describe.skipIf(!hasPromtool)('held against promtool', () => {
    let copy = '';
    beforeAll(() => {
      copy = mkdtempSync(path.join(tmpdir(), 'contact-sync-rules-'));
      for (const file of [RULES, RULE_TESTS]) copyFileSync(path.join(FOLDER, file), path.join(copy, file));
    });
    afterAll(() => rmSync(copy, { recursive: true }));

    test('are rules', () => {
      const { status, said } = promtool(['check', 'rules', '--lint-fatal', path.join(copy, RULES)]);
      expect({ status, said }).toEqual({
        status: 0,
        said: expect.stringContaining(`${rules.length} rules found`),
      });
    });

    test('fire when they should, and not otherwise', () => {
      const tests = path.join(copy, RULE_TESTS);
      const { status, said } = promtool(['test', 'rules', tests]);
      expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
    });

    test('and promtool would say so: an expression that is none, a limit that is another', () => {
      const file = path.join(copy, RULES);
      writeFileSync(file, read(RULES).replace('histogram_quantile(0.95,', 'histogram_quantile(0.95'));
      expect(promtool(['check', 'rules', file]).status).not.toBe(0);
      writeFileSync(file, read(RULES).replace('over_seconds="3"} > 0.1', 'over_seconds="3"} > 0.5'));
      expect(promtool(['test', 'rules', path.join(copy, RULE_TESTS)]).said).toContain('FAILED');
    });
  });
});
