import { orderRevert } from '../../src/engine/revert.ts';
import type { HaltScope } from '../../src/engine/ledger-books.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { chance, pick } from '../kit/seeded-random.ts';
import type { GuardWatch } from './guard-watch.ts';
import type { Wider } from './plan.ts';
import { SecondThoughts, type SecondThoughtsOptions } from './second-thoughts.ts';

export interface OrdersOptions extends SecondThoughtsOptions {
  /** As another process beside the service sees it; null while there is none. */
  readonly ledger: () => Ledger | null;
  readonly guard: Pick<GuardWatch, 'approve' | 'revert'>;
  readonly wider: Pick<Wider, 'orders' | 'secondThoughts'>;
  /** The job that is stopped and taken back. */
  readonly job: string;
}

/** What is released by hand may show that more is to be released. */
const APPROVALS = 4;

/** An administrator at the command line, beside the running service: `pause`, `revert`, `resume`, `approve`. */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #thoughts: SecondThoughts;

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#thoughts = new SecondThoughts(options);
  }

  /** What is thought again is thought in the middle of a call. */
  watch(transport: Transport): Transport {
    return this.#thoughts.watch(transport);
  }

  /** Now and then: stops something, takes up what is stopped, or begins what is taken back in the middle. */
  async give(): Promise<void> {
    const { random, clock, deeds, guard, wider } = this.#options;
    const { job } = this.#options;
    const [orders, again] = [wider.orders, wider.secondThoughts];
    if (!chance(random, orders + again)) return;
    const ledger = this.#options.ledger();
    if (ledger === null) return;
    if ((await ledger.halts.all()).length > 0) return this.resume();
    const since = clock.now();
    if (again > 0 && chance(random, again / (orders + again))) return this.#thinkAgain(ledger);
    if (chance(random, 0.5)) {
      const scopes: readonly HaltScope[] = [
        { kind: 'all' },
        { kind: 'tenant', name: 'contoso' },
        { kind: 'job', name: job },
      ];
      await ledger.halts.set({ scope: pick(random, scopes), mode: 'paused', since });
      return deeds.note('paused');
    }
    guard.revert(job);
    await orderRevert(ledger, job, since);
    deeds.note('reverted');
  }

  async #thinkAgain(ledger: Ledger): Promise<void> {
    const { random, clock, deeds, guard } = this.#options;
    const thoughts = this.#thoughts;
    thoughts.furnish();
    if (chance(random, 0.5)) return thoughts.leaveAndReturn();
    thoughts.arm(async () => {
      deeds.note('revert taken back');
      await this.resume();
    });
    guard.revert('staff');
    await orderRevert(ledger, 'staff', clock.now());
    deeds.note('reverted');
  }

  /** Takes up whatever is stopped. */
  async resume(): Promise<void> {
    const ledger = this.#options.ledger();
    for (const { scope } of (await ledger?.halts.all()) ?? []) {
      await ledger?.halts.lift(scope);
      this.#options.deeds.note('resumed');
    }
  }

  /** What the guard holds at the end is released by hand: then everybody must be right. */
  async approve(advance: () => Promise<void>): Promise<void> {
    const { clock, deeds, guard } = this.#options;
    for (let time = 0; time < APPROVALS; time += 1) {
      const ledger = this.#options.ledger();
      const held = (await ledger?.guard.held()) ?? [];
      const kept = (await ledger?.memberships.missing('contoso')) ?? [];
      if (ledger === null || (held.length === 0 && kept.every(({ keptFor }) => keptFor.length === 0))) return;
      guard.approve(held.map(({ subject }) => subject));
      await ledger.guard.approve(null, clock.now());
      deeds.note('removals approved', held.length);
      await advance();
    }
  }
}
