import { setTimeout as passed } from 'node:timers/promises';
import { ask, launch } from './children.ts';
import type { BusFigures } from './bus-server.ts';
import type { BusRun } from './bus-worker.ts';
import { manyNotifications } from './receiver-post.ts';

export interface BusRunFigures extends BusRun {
  /** At the bus afterwards. */
  readonly left: BusFigures;
}

/** One worker sends changes through the double and handles them, each process on a core of its own. */
export function measureBus(messages: number): Promise<BusRunFigures> {
  return withBus(async (connectionString, left) => {
    const worker = launch('bus-worker.ts', [connectionString, String(messages)], { cpu: 1 });
    try {
      const run = await ask<BusRun>(worker);
      return { ...run, left: await left() };
    } finally {
      worker.kill();
    }
  });
}

export interface PostFigures {
  readonly posts: number;
  readonly accepted: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly stored: number;
}

/** Posts of one notification at a steady rate, whether the ones before were answered or not, as Graph sends them. */
export function measurePosts({
  perSecond,
  seconds,
}: {
  perSecond: number;
  seconds: number;
}): Promise<PostFigures> {
  return withBus(async (connectionString, left) => {
    const receiver = launch('receiver-server.ts', ['bus', connectionString], { cpu: 1 });
    try {
      const { port } = await ask<{ port: number }>(receiver);
      await postFor({ port, perSecond, seconds: 1 });
      const before = (await left()).active;
      const took = await postFor({ port, perSecond, seconds });
      const answered = took.filter((ms) => ms !== null).toSorted((one, other) => one - other);
      const at = (share: number): number => answered[Math.floor((answered.length - 1) * share)] ?? Number.NaN;
      return {
        posts: took.length,
        accepted: answered.length,
        p50Ms: at(0.5),
        p99Ms: at(0.99),
        maxMs: at(1),
        stored: (await left()).active - before,
      };
    } finally {
      receiver.kill();
    }
  });
}

/** How long each answer took, in milliseconds; null: it was not 202. */
async function postFor(load: {
  port: number;
  perSecond: number;
  seconds: number;
}): Promise<(number | null)[]> {
  const body = manyNotifications(1);
  const post = async (): Promise<number | null> => {
    const sentAt = performance.now();
    const response = await fetch(`http://127.0.0.1:${load.port}/notifications`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await response.arrayBuffer();
    return response.status === 202 ? performance.now() - sentAt : null;
  };
  const startedAt = performance.now();
  const posts: Promise<number | null>[] = [];
  const all = load.perSecond * load.seconds;
  while (posts.length < all) {
    const due = Math.min(all, ((performance.now() - startedAt) / 1_000) * load.perSecond);
    while (posts.length < due) posts.push(post());
    await passed(1);
  }
  return Promise.all(posts);
}

async function withBus<T>(
  work: (connectionString: string, left: () => Promise<BusFigures>) => Promise<T>,
): Promise<T> {
  const bus = launch('bus-server.ts', [], { cpu: 0 });
  try {
    const { connectionString } = await ask<{ connectionString: string }>(bus);
    return await work(connectionString, () => ask<BusFigures>(bus, {}));
  } finally {
    bus.kill();
  }
}
