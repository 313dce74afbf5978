import { systemClock } from '../../src/kit/clock.ts';
import type { Scene } from './story.ts';
import type { Stage } from './stage.ts';
import { tellChange, tellFill } from './telling.ts';

export interface Fill {
  readonly seconds: number;
  readonly writes: number;
  readonly httpRequests: number;
}

export interface Change {
  readonly name: string;
  readonly writes: number;
  readonly httpRequests: number;
  readonly floorRequests: number;
  readonly latencyMs: number;
}

export interface Swept {
  readonly found: number;
  readonly httpRequests: number;
  readonly seconds: number;
}

interface Audience {
  readonly say: (line: string) => void;
  readonly filled: () => void;
}

/** Gives up when nothing gets better for so long: something is broken, and waiting would hide it. */
const STUCK_MS = 60_000;
/** Where nothing is to be written, rest is what tells that it was looked at. */
const REST_MS = 2_000;
const LOOK_MS = 20;

/** Runs the service through first fill and every scene. */
export async function play(
  stage: Stage,
  { say, filled }: Audience,
): Promise<{ fill: Fill; changes: Change[]; sweep: Swept }> {
  const over = new AbortController();
  const running = stage.service.run(over.signal);
  try {
    const fill = await firstFill(stage);
    filled();
    say(tellFill(fill));
    const changes: Change[] = [];
    let sweep: Swept = { found: 0, httpRequests: 0, seconds: 0 };
    for (const scene of stage.scenes) {
      const before = stage.httpRequests();
      if (scene.lost === true) stage.tenant.setFaults({ notificationLost: 1 });
      const change = await act(stage, scene, async () => {
        if (scene.lost !== true) return;
        const { found, seconds } = await stage.search(over.signal);
        sweep = { found, seconds, httpRequests: stage.httpRequests() - before };
      });
      stage.tenant.setFaults({});
      changes.push(change);
      say(tellChange(change));
    }
    return { fill, changes, sweep };
  } finally {
    over.abort();
    await running;
  }
}

async function firstFill(stage: Stage): Promise<Fill> {
  const startedAt = systemClock.now();
  await untilRight(stage, { needed: stage.compare().divergences.length, from: 0 });
  return {
    seconds: (systemClock.now() - startedAt) / 1000,
    writes: stage.writes(),
    httpRequests: stage.httpRequests(),
  };
}

async function act(stage: Stage, scene: Scene, afterwards: () => Promise<void>): Promise<Change> {
  if (stage.hasEchoes) await untilRest(stage);
  const requests = stage.httpRequests();
  const from = stage.writes();
  const startedAt = systemClock.now();
  const peopleRead = scene.act();
  const needed = stage.compare().divergences.length;
  await afterwards();
  const restedAt = scene.still === true ? await untilLooked(stage, requests) : null;
  await untilRight(stage, { needed, from });
  const latencyMs = (restedAt ?? systemClock.now()) - startedAt;
  const writes = stage.writes() - from;
  if (stage.hasEchoes) await untilRest(stage);
  return {
    name: scene.name,
    writes,
    httpRequests: stage.httpRequests() - requests,
    floorRequests: stage.floor({ writes, peopleRead, what: scene.what }),
    latencyMs,
  };
}

/** Resolves when nothing was asked for a while. */
async function untilRest(stage: Stage): Promise<void> {
  await untilLooked(stage, stage.httpRequests() - 1);
}

/** Resolves when the service has asked for something and asks for no more, with when it asked last. */
async function untilLooked(stage: Stage, before: number): Promise<number> {
  const startedAt = systemClock.now();
  let seen = before;
  for (let movedAt = startedAt; ;) {
    await systemClock.sleep(LOOK_MS);
    const now = systemClock.now();
    const requests = stage.httpRequests();
    if (requests !== seen) movedAt = now;
    seen = requests;
    if (seen > before && now - movedAt > REST_MS) return movedAt;
    if (now - startedAt > STUCK_MS) throw new Error('Nobody has looked, or nobody comes to rest.');
  }
}

/**
 * Resolves when every mailbox equals the directory. The whole comparison is dear, so it begins when as many contacts
 * were written as had to be.
 */
async function untilRight(stage: Stage, { needed, from }: { needed: number; from: number }): Promise<void> {
  let written = -1;
  let progressAt = systemClock.now();
  for (;;) {
    const startedAt = systemClock.now();
    const now = stage.writes() - from;
    if (now !== written) progressAt = startedAt;
    written = now;
    if (written >= needed || startedAt - progressAt > STUCK_MS) {
      const left = stage.compare().divergences.length;
      if (left === 0) return;
      if (startedAt - progressAt > STUCK_MS) {
        throw new Error(
          `${left} contacts are still not right, and nothing was written for ${STUCK_MS / 1000} s.`,
        );
      }
    }
    // Looking must not slow down what it looks at.
    await systemClock.sleep(Math.max(5, 2 * (systemClock.now() - startedAt)));
  }
}
