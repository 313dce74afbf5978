import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, launch } from './children.ts';
import { createFsyncMeter, type FsyncMeter } from './fsync.ts';
import { manyNotifications } from './receiver-post.ts';
import type { SliceFigures } from './receiver-load.ts';
import type { ServerFigures } from './receiver-server.ts';

export interface ReceiverBenchOptions {
  readonly connections?: number;
  /** Pairs of slices, one second each. */
  readonly pairs?: number;
  readonly sliceMs?: number;
  /** Added to every fsync in the last part, in milliseconds. */
  readonly slowFsyncMs?: number;
}

export interface ReceiverFigures {
  readonly connections: number;
  /** False: the sent, acknowledged and stored notifications do not add up, and no figure here means anything. */
  readonly balanced: boolean;
  /** Median over the pairs of: answers of the receiver / answers of a bare node:http server that parses the same JSON. */
  readonly ratio: number;
  readonly ratioQuartiles: readonly [number, number];
  readonly barePerSecond: number;
  readonly perSecond: number;
  readonly fsyncsPerNotification: number;
  /** `fsync`: counted in the system call. `commit`: no C compiler here, so commits were, and checkpoints are missing. */
  readonly counted: 'fsync' | 'commit';
  /** With `slowFsyncMs` added to every fsync; null where the disk cannot be slowed down. */
  readonly slow: {
    readonly fsyncMs: number;
    readonly perSecond: number;
    readonly p99Ms: number;
    readonly maxMs: number;
    readonly thousandMs: number;
  } | null;
  readonly rssMiB: number;
}

interface Bench {
  readonly connections: number;
  readonly meter: FsyncMeter | null;
  readonly ports: { readonly bare: number; readonly receiver: number };
  readonly load: ChildProcess;
  readonly receiver: ChildProcess;
}

/** Long enough for the compiler of hot functions to be done. */
const WARM_UP_MS = 1_500;
const SLOW_SLICE_MS = 3_000;

/** The receiver against the least that any receiver does, on the same core, in pairs of slices of one run. */
export async function benchReceiver(options: ReceiverBenchOptions = {}): Promise<ReceiverFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-receiver-'));
  const meter = createFsyncMeter(folder);
  const file = join(folder, 'queue.sqlite');
  const bare = launch('receiver-server.ts', ['bare'], { cpu: 0 });
  const receiver = launch('receiver-server.ts', ['receiver', file], { cpu: 0, env: meter?.env ?? {} });
  const load = launch('receiver-load.ts', [], { cpu: 1 });
  try {
    const [{ port: barePort }, { port }] = await Promise.all([
      ask<{ port: number }>(bare),
      ask<{ port: number }>(receiver),
    ]);
    const connections = options.connections ?? 64;
    return await measure(
      { connections, meter, ports: { bare: barePort, receiver: port }, load, receiver },
      options,
    );
  } finally {
    for (const child of [bare, receiver, load]) child.kill();
    meter?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(bench: Bench, options: ReceiverBenchOptions): Promise<ReceiverFigures> {
  const { connections, meter, ports, receiver } = bench;
  const ms = options.sliceMs ?? 1_000;
  const bareSlices: SliceFigures[] = [];
  const slices: SliceFigures[] = [await slice(bench, ports.receiver, WARM_UP_MS)];
  await slice(bench, ports.bare, WARM_UP_MS);
  const before = await diskFigures(bench);
  const measured: SliceFigures[] = [];
  for (let pair = 0; pair < (options.pairs ?? 9); pair += 1) {
    bareSlices.push(await slice(bench, ports.bare, ms));
    measured.push(await slice(bench, ports.receiver, ms));
  }
  const after = await diskFigures(bench);
  slices.push(...measured);
  const ratios = measured.map((figures, pair) => figures.perSecond / (bareSlices[pair]?.perSecond ?? 0));
  const slow =
    meter === null ? null : await withSlowDisk(bench, { meter, ms: options.slowFsyncMs ?? 2, slices });
  const { stored, rssMiB } = await ask<ServerFigures>(receiver, { figures: true });
  const acknowledged = sum(slices.map(({ accepted }) => accepted)) + (slow === null ? 0 : THOUSAND);
  const refused = sum(slices.map((figures) => figures.refused));
  return {
    connections,
    balanced: refused === 0 && acknowledged === stored,
    ratio: quantile(ratios, 0.5),
    ratioQuartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    barePerSecond: quantile(
      bareSlices.map(({ perSecond }) => perSecond),
      0.5,
    ),
    perSecond: quantile(
      measured.map(({ perSecond }) => perSecond),
      0.5,
    ),
    fsyncsPerNotification: (after - before) / sum(measured.map(({ accepted }) => accepted)),
    counted: meter === null ? 'commit' : 'fsync',
    slow,
    rssMiB,
  };
}

const THOUSAND = 1_000;

async function withSlowDisk(
  bench: Bench,
  { meter, ms, slices }: { meter: FsyncMeter; ms: number; slices: SliceFigures[] },
): Promise<ReceiverFigures['slow']> {
  meter.delay(ms * 1_000);
  const figures = await slice(bench, bench.ports.receiver, SLOW_SLICE_MS);
  slices.push(figures);
  const start = performance.now();
  const response = await fetch(`http://127.0.0.1:${bench.ports.receiver}/notifications`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: manyNotifications(THOUSAND),
  });
  const thousandMs = performance.now() - start;
  meter.delay(0);
  if (response.status !== 202)
    throw new Error(`a post of ${THOUSAND} notifications was answered ${response.status}`);
  const { perSecond, p99Ms, maxMs } = figures;
  return { fsyncMs: ms, perSecond, p99Ms, maxMs, thousandMs };
}

function slice({ connections, load }: Bench, port: number, ms: number): Promise<SliceFigures> {
  return ask<SliceFigures>(load, { port, ms, connections });
}

async function diskFigures({ meter, receiver }: Bench): Promise<number> {
  return meter?.count() ?? (await ask<ServerFigures>(receiver, { figures: true })).commits;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

if (import.meta.main) console.log(JSON.stringify(await benchReceiver(), null, 2));
