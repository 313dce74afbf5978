import type { Clock } from '../../src/kit/clock.ts';
import type { Random } from '../../src/kit/random.ts';
import { chance } from '../kit/seeded-random.ts';

/**
 * One life of the service. Every call of a port passes through it: before and after each the process may die, and what
 * a dead process awaits never comes.
 */
export interface Life {
  readonly alive: boolean;
  /** Ends it now. */
  kill(): void;
  /** A port whose calls pass the gate. */
  guard<Port extends object>(port: Port): Port;
  guardCall<Args extends readonly unknown[], Result>(
    call: (...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result>;
  /** Time for this life only: the sleep of a dead process never ends. */
  readonly clock: Clock;
}

export interface LifeOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Probability of dying at one crossing of the gate. */
  readonly crash: () => number;
  readonly onDeath: () => void;
}

/** One for each wait: a promise that all shared would hold every dead process in memory. */
const never = (): Promise<never> => new Promise<never>(() => {});

export function beginLife({ clock, random, crash, onDeath }: LifeOptions): Life {
  let alive = true;

  const kill = (): void => {
    if (!alive) return;
    alive = false;
    onDeath();
  };

  const cross = (): void => {
    if (alive && chance(random, crash())) kill();
  };

  const guardCall =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      cross();
      if (!alive) return never();
      try {
        return await call(...args);
      } finally {
        cross();
        // oxlint-disable-next-line no-unsafe-finally -- a dead process sees neither the answer nor the error
        if (!alive) await never();
      }
    };

  return {
    get alive() {
      return alive;
    },
    kill,
    guardCall,
    guard: (port) => guardPort(port, guardCall),
    clock: {
      now: () => clock.now(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        if (!alive) await never();
      },
    },
  };
}

type AnyCall = (...args: readonly unknown[]) => Promise<unknown>;

/** Methods pass the gate, nouns are guarded in turn, what yields pages passes it at each page, and a list is just a list. */
function guardPort<Port extends object>(port: Port, guardCall: (call: AnyCall) => AnyCall): Port {
  const wrapped = new Map<PropertyKey, unknown>();
  return new Proxy(port, {
    get: (target, name): unknown => {
      const known = wrapped.get(name);
      if (known !== undefined) return known;
      const member: unknown = Reflect.get(target, name);
      const guarded = guardMember(member, target, guardCall);
      wrapped.set(name, guarded);
      return guarded;
    },
  });
}

function guardMember(member: unknown, owner: object, guardCall: (call: AnyCall) => AnyCall): unknown {
  if (typeof member === 'function') {
    const call = member as (...args: readonly unknown[]) => unknown;
    const guarded = guardCall(async (...args) => Reflect.apply(call, owner, args));
    const pass = guardCall(async () => {});
    return (...args: readonly unknown[]): unknown =>
      isPaging(call)
        ? pages(Reflect.apply(call, owner, args) as AsyncIterable<unknown>, pass)
        : guarded(...args);
  }
  if (Array.isArray(member)) return member;
  return typeof member === 'object' && member !== null ? guardPort(member, guardCall) : member;
}

/** The two methods of a source that yield pages instead of a promise. */
function isPaging(call: { readonly name: string }): boolean {
  return call.name === 'changedPeople' || call.name === 'changedGroups';
}

async function* pages(source: AsyncIterable<unknown>, pass: () => Promise<unknown>): AsyncGenerator {
  for await (const page of source) {
    await pass();
    yield page;
  }
  await pass();
}
