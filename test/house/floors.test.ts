import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { floorFaults, loadedBy, roomOf, rooms } from './floors.ts';
import { edgesOf, unseenIn } from './imports.ts';
import { readSources, ROOT, sourceOf } from './sources.ts';

const sources = readSources();
const edges = sources.flatMap(edgesOf);
const program = sources.filter((source) => !source.path.startsWith('test/'));

function planted(file: string, text: string): string[] {
  return floorFaults(edgesOf(sourceOf(file, text)));
}

describe('the check sees the house', () => {
  test('more than a hundred files, and files in every room that is built', () => {
    expect(program.length).toBeGreaterThan(100);
    expect(sources.length - program.length).toBeGreaterThan(100);
    const built = new Set(program.map((source) => roomOf(source.path)));
    expect([...built]).toEqual(
      expect.arrayContaining(['src/model', 'src/kit', 'src/engine', 'src/graph', 'src/queue', 'src/ledger']),
    );
    expect([...built]).toEqual(
      expect.arrayContaining(['src/sources', 'src/targets', 'src/jobs', 'webhooks', 'src/run', 'src/cli']),
    );
  });

  test.each([
    ['import', 'src/engine/expand.ts', 'src/model/card.ts'],
    ['import', 'src/sources/tenant-people.ts', 'src/graph/delta.ts'],
    ['import', 'webhooks/receive.ts', 'src/engine/queue-port.ts'],
    ['import', 'src/run/receiver-role.ts', 'webhooks/receiver.ts'],
    ['import', 'src/ledger/rebuild.ts', 'kysely'],
    ['import', 'src/cli/main.ts', 'package.json'],
    ['export', 'src/run/wire.ts', 'src/run/status.ts'],
    ['dynamic', 'src/cli/main.ts', 'src/run/wire.ts'],
    ['dynamic', 'src/cli/contact-sync.mjs', 'src/cli/main.ts'],
    ['file', 'src/queue/worker-committer.ts', 'src/queue/commit-thread.ts'],
    ['file', 'src/cli/demo.ts', 'test/demo/main.ts'],
  ])('%s: %s names %s', (kind, from, to) => {
    expect(edges).toContainEqual(expect.objectContaining({ kind, from, to }));
  });

  test('as many statements as a plain search finds, and every file that is named exists', () => {
    const ending = /\bfrom '[^'\n]+'(?: with \{[^}]*\})?;$/gm;
    const plain = program.flatMap((source) => [...source.text.matchAll(ending)]).length;
    const found = edges.filter(
      ({ from, kind }) => !from.startsWith('test/') && (kind === 'import' || kind === 'export'),
    );
    expect(plain).toBeGreaterThan(400);
    expect(found.length).toBe(plain);
    const missing = edges.filter(
      ({ to, kind }) =>
        kind !== 'file' && /^(?:src|webhooks|test)\//.test(to) && !existsSync(path.join(ROOT, to)),
    );
    expect(missing).toEqual([]);
  });
});

describe('the plan', () => {
  test('goes down only', () => {
    for (const [name, room] of Object.entries(rooms)) {
      for (const seen of room.sees) {
        const below = rooms[roomOf(`${seen}/`) ?? roomOf(seen) ?? '']?.floor ?? -1;
        expect(below, `${name} sees ${seen}`).toBeLessThan(room.floor);
      }
    }
  });

  test('is kept by every import', () => {
    expect(floorFaults(edges)).toEqual([]);
  });

  test('nothing in the program is loaded by a name that only the running program knows', () => {
    expect(program.flatMap(unseenIn)).toEqual([]);
  });

  test('the engine loads no package and no I/O, not even through what it imports', () => {
    const engine = program.map((source) => source.path).filter((file) => roomOf(file) === 'src/engine');
    const loaded = [...loadedBy(engine, edges)];
    expect(loaded).toContain('src/model/fault.ts');
    expect(loaded.filter((name) => !name.endsWith('.ts')).filter((name) => name !== 'node:crypto')).toEqual(
      [],
    );
  });
});

/** Packages of OpenTelemetry that are loaded when the command line may load nothing in these ways. */
function telemetryWithout(...kinds: readonly string[]): string[] {
  const starts = [
    'src/cli/main.ts',
    ...['wire', 'alone', 'shared', 'receiver-service'].map((name) => `src/run/${name}.ts`),
  ];
  const followed = edges.filter(({ from, kind }) => !(from.startsWith('src/cli/') && kinds.includes(kind)));
  return [...loadedBy(starts, followed)].filter((name) => name.startsWith('@opentelemetry/'));
}

test('nothing loads OpenTelemetry before the environment asks for it', () => {
  expect(telemetryWithout('dynamic', 'file')).toEqual([]);
  expect(telemetryWithout('file'), 'and it would be seen').toHaveLength(4);
});

describe('a receiver of its own', () => {
  const ofReceiver = ['src/cli/main.ts', 'src/run/receiver-service.ts'];
  const loaded = [
    ...loadedBy(
      ofReceiver,
      // What is loaded only when another role or command asks for it, or in a process of its own.
      edges.filter(({ from, kind }) => !(from.startsWith('src/cli/') && ['dynamic', 'file'].includes(kind))),
    ),
  ];

  test('loads the receiver and the bus', () => {
    expect(loaded).toEqual(
      expect.arrayContaining([
        'webhooks/receiver.ts',
        'src/queue/service-bus-queue.ts',
        '@azure/service-bus',
      ]),
    );
  });

  test('loads no ledger, no engine at work, no source and no target', () => {
    const barred =
      /^(?:src\/(?:ledger|sources|targets|jobs|pictures|exchange)\/|kysely|pg|better-sqlite3|sharp)/;
    expect(loaded.filter((name) => barred.test(name))).toEqual([]);
    expect(loaded).not.toContain('src/run/wire.ts');
  });

  test('of Graph, loads what gets a token for the identity of its host, and nothing that talks to Graph', () => {
    const graph = loaded.filter((name) => name.startsWith('src/graph/'));
    expect(graph).toContain('src/graph/credentials/managed-identity.ts');
    for (const file of ['client', 'packer', 'directory', 'contacts', 'subscriptions', 'folders'])
      expect(graph).not.toContain(`src/graph/${file}.ts`);
    expect(loaded).not.toContain('@microsoft/microsoft-graph-client');
  });
});

describe('the check can fail', () => {
  test.each([
    ['up', 'src/engine/a.ts', "import { sweep } from '../run/wire.ts';"],
    ['up, as a type', 'src/engine/a.ts', "import type { Packer } from '../graph/packer.ts';"],
    ['up, over lines', 'src/kit/a.ts', "import {\n  sweep,\n} from '../engine/sweep.ts';"],
    ['up, dynamically', 'src/model/a.ts', "const x = await import('../kit/log.ts');"],
    ['up, by re-export', 'src/kit/a.ts', "export * from '../engine/sweep.ts';"],
    ['up, for its effect', 'src/kit/a.ts', "import '../engine/sweep.ts';"],
    ['up, as a worker', 'src/kit/a.ts', "new Worker(new URL('../queue/commit-thread.ts', import.meta.url));"],
    ['driver to driver', 'src/ledger/a.ts', "import { schema } from '../queue/schema.ts';"],
    ['source to store', 'src/sources/a.ts', "import { openLedgerFile } from '../ledger/open.ts';"],
    ['job to driver', 'src/jobs/a.ts', "import { createPacker } from '../graph/packer.ts';"],
    ['receiver to ledger', 'webhooks/a.ts', "import { openLedgerFile } from '../src/ledger/open.ts';"],
    ['receiver to engine', 'webhooks/a.ts', "import { sweep } from '../src/engine/sweep.ts';"],
    ['command line to driver', 'src/cli/a.ts', "import { openLedgerFile } from '../ledger/open.ts';"],
    ['program to test', 'src/run/a.ts', "import { x } from '../../test/tenant/tenant.ts';"],
    [
      'program to test, as a process',
      'src/run/a.ts',
      "path.join(import.meta.dirname, '../../test/demo/main.ts');",
    ],
    ['engine to file system', 'src/engine/a.ts', "import { readFileSync } from 'node:fs';"],
    ['engine to package', 'src/engine/a.ts', "import pino from 'pino';"],
    ['model to network', 'src/model/a.ts', "import net from 'node:net';"],
    ['package outside its room', 'src/run/a.ts', "import { Kysely } from 'kysely';"],
    ['no room', 'src/attic/a.ts', "import { x } from '../model/card.ts';"],
  ])('%s', (_what, file, text) => {
    expect(planted(file, text)).toHaveLength(1);
  });

  test('but what is only written about is no import', () => {
    expect(
      planted('src/engine/a.ts', `// import x from '../run/wire.ts'\nconst y = "import '../run/wire.ts'";`),
    ).toEqual([]);
  });

  test.each(['await import(name);', "require('x');", 'new URL(name, import.meta.url);'])(
    'hidden: %s',
    (text) => {
      expect(unseenIn(sourceOf('src/run/a.ts', text))).toHaveLength(1);
    },
  );

  test('what is loaded is followed through files, and types are not loaded', () => {
    const chain = [
      sourceOf('src/engine/a.ts', "import { b } from './b.ts';\nimport { type C, type D } from './c.ts';"),
      sourceOf('src/engine/b.ts', "import fs from 'node:fs';"),
      sourceOf('src/engine/c.ts', "import net from 'node:net';"),
    ];
    expect([...loadedBy(['src/engine/a.ts'], chain.flatMap(edgesOf))]).toEqual([
      'src/engine/a.ts',
      'src/engine/b.ts',
      'node:fs',
    ]);
  });
});
