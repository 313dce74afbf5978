import { adoptRoutes, meetRoutes } from '../engine/adopt.ts';
import { agreeKeptOut } from '../engine/kept-out.ts';
import type { Needs } from '../engine/needs.ts';
import type { Route } from '../model/route.ts';

/** How the keeper makes its configuration the ledger's. */
export interface Adoption {
  /** Tenants over which a full round is due, because a definition is new or has changed. */
  readonly roundOver: Set<string>;
  isDone(): boolean;
  /** So that work can begin. */
  prepare(): Promise<void>;
  /** What had to wait until all processes have one configuration. */
  catchUp(): Promise<void>;
}

export interface AdoptionOptions {
  readonly needs: Needs;
  readonly routes: readonly Route[];
  readonly configured: readonly Route[];
  readonly adopt: (routes: Needs['routes']) => void;
  /** Who is kept out by the configuration; nobody unless given. */
  readonly keptOut?: readonly string[];
  readonly agrees: () => boolean;
}

/**
 * While others have another configuration, which may be the newer one, nothing that it brought is changed or forgotten: the
 * keeper works as a worker may, until they agree.
 */
export function createAdoption(options: AdoptionOptions): Adoption {
  const { needs, routes, configured, adopt, keptOut = [], agrees } = options;
  const roundOver = new Set<string>();
  let done = false;
  const adoptAll = async (): Promise<void> => {
    const adopted = await adoptRoutes(needs, routes, configured);
    for (const tenant of adopted.roundOver) roundOver.add(tenant);
    adopt(adopted.routes);
    const { ledger, clock } = needs;
    await agreeKeptOut({ ledger, configured }, keptOut, clock.now());
    done = true;
  };
  return {
    roundOver,
    isDone: () => done,
    prepare: async () => {
      done = false;
      if (agrees()) await adoptAll();
      else adopt(await meetRoutes(needs, routes));
    },
    catchUp: async () => {
      if (!done && agrees()) await adoptAll();
    },
  };
}
