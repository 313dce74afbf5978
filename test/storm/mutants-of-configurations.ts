import type { Plan } from './plan.ts';
import type { Mutant } from './mutants.ts';
import { methods } from './spread.ts';

/** Two jobs from the start, and an administrator who cannot leave them alone. */
const RESTLESS: Partial<Plan> = { wider: { reconfigure: 0.12, secondJob: true, attributes: 0 }, crash: 0 };

/** What a job is to do looks the same whatever the configuration says: nobody is looked at again after a change. */
export const definitionIgnored: Mutant = {
  name: 'changed definition ignored',
  mode: 'A',
  plan: { ...RESTLESS, faults: { notificationLost: 1 } },
  parts: (parts) => ({
    ...parts,
    routes: parts.routes.map((route) => ({ ...route, definition: 'as ever' })),
  }),
};

/** A job that is not in the configuration any more is none of the service's business. */
export const withdrawalForgotten: Mutant = {
  name: 'withdrawn job forgotten',
  mode: 'B',
  plan: RESTLESS,
  parts: (parts) => {
    const configured = new Set(parts.configured.map(({ id }) => id));
    return {
      ...parts,
      ledger: {
        ...methods(parts.ledger),
        routes: {
          ...methods(parts.ledger.routes),
          all: async () => (await parts.ledger.routes.all()).filter(({ id }) => configured.has(id)),
        },
      },
    };
  },
};

/** Whoever receives the first job receives all the others as well. */
export const audienceOfTheFirstJob: Mutant = {
  name: 'one audience for all jobs',
  mode: 'B',
  plan: RESTLESS,
  parts: (parts) => ({
    ...parts,
    routes: parts.routes.map((route) => ({
      ...route,
      receives: parts.routes[0]?.receives ?? route.receives,
    })),
  }),
};

/** However many are to go, they go at once. */
export const unguarded: Mutant = {
  name: 'everybody may go',
  mode: 'C',
  plan: { ...RESTLESS, ledgerLoss: 0 },
  parts: (parts) => ({
    ...parts,
    ledger: {
      ...methods(parts.ledger),
      guard: { ...methods(parts.ledger.guard), admit: async ({ subjects }) => new Set(subjects) },
    },
  }),
};
