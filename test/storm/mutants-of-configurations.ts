import { NARROW, type Plan } from './plan.ts';
import type { Mutant } from './mutants.ts';
import { methods } from './spread.ts';

/** Two jobs from the start, and an administrator who cannot leave them alone. */
const RESTLESS: Partial<Plan> = { wider: { ...NARROW, reconfigure: 0.12, secondJob: true }, crash: 0 };

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
  near: 18,
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

/** Whoever is held is left as they were when the guard stepped in. */
export const heldForgotten: Mutant = {
  name: 'held people get no updates',
  mode: 'A',
  plan: { crash: 0, faults: { notificationLost: 1 }, wider: { ...NARROW, exodus: 0.1 } },
  parts: ({ ledger, ...parts }) => ({
    ...parts,
    ledger: {
      ...methods(ledger),
      cards: {
        ...methods(ledger.cards),
        record: async (tenant, findings) => {
          const cards = await ledger.cards.of(
            tenant,
            findings.map(({ identity }) => identity),
          );
          const isHeld = (finding: (typeof findings)[number]): boolean =>
            cards.some(
              ({ identity, route, state }) =>
                identity === finding.identity && route === finding.route && state === 'held',
            );
          return ledger.cards.record(
            tenant,
            findings.filter((finding) => finding.state !== 'held' || !isHeld(finding)),
          );
        },
      },
    },
  }),
};
