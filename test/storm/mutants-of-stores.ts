import type { Ledger, LinkRecord, LinkState } from '../../src/engine/ledger-port.ts';
import type { Source, Target } from '../../src/engine/ports.ts';
import type { Card } from '../../src/model/card.ts';
import type { Mutant } from './mutants.ts';
import { over } from './mutants-of-queues.ts';
import { NARROW } from './plan.ts';
import { methods } from './spread.ts';

/** What is lost without these answers is a write whose outcome nobody knows. */
const LOST_ANSWERS = { gatewayTimeoutApplied: 0.25, resetAfterApply: 0.25 };

/** An unknown create is simply made again. */
export const noLook: Mutant = {
  name: 'create without looking',
  mode: 'A',
  plan: { crash: 0.001, faults: { notificationLost: 1, ...LOST_ANSWERS } },
  parts: (parts) => ({
    ...parts,
    ledger: withLinks(parts.ledger, (link) => (link.state === 'creating' ? null : link)),
  }),
};

/** Writes of one kind leave no trace before they are sent. */
export function noIntent(state: Extract<LinkState, 'creating' | 'patching' | 'removing'>): Mutant {
  const name = { creating: 'create', patching: 'patch', removing: 'delete' }[state];
  const near = { creating: 1, patching: 7, removing: 2 }[state];
  return {
    name: `no intent record for ${name}`,
    near,
    mode: 'B',
    plan: {
      crash: state === 'creating' ? 0.004 : 0,
      leavers: 5,
      staleMs: 0,
      faults: { ...LOST_ANSWERS, lateApply: 0.3 },
    },
    parts: (parts) => ({
      ...parts,
      ledger: {
        ...methods(parts.ledger),
        links: {
          ...methods(parts.ledger.links),
          save: (changes) => {
            const put = changes.put?.filter((link) => link.state !== state) ?? [];
            return parts.ledger.links.save({ ...changes, put });
          },
        },
      },
    }),
  };
}

/** The delta token moves before what it yields is durable. */
export const tokenFirst: Mutant = {
  name: 'token first',
  near: 29,
  mode: 'A',
  plan: { crash: 0.006, faults: { notificationLost: 1 } },
  parts: (parts) => ({
    ...parts,
    sources: new Map(
      [...parts.sources].map(([tenant, source]) => [tenant, eager(source, tenant, parts.ledger)]),
    ),
    // The night after next would see everything a second time; here every night starts where the last one ended.
    ledger: {
      ...methods(parts.ledger),
      tokens: {
        ...methods(parts.ledger.tokens),
        read: async (tenant, name) => {
          const token = await parts.ledger.tokens.read(tenant, name);
          return token && { ...token, previous: token.current };
        },
      },
    },
  }),
};

function eager(source: Source, tenant: string, ledger: Ledger): Source {
  return {
    look: (ids) => source.look(ids),
    listings: source.listings,
    keepsSilent: source.keepsSilent,
    changedGroups: (token, groups, kind) => source.changedGroups(token, groups, kind),
    pictureTags: (ids) => source.pictureTags(ids),
    picture: (id) => source.picture(id),
    async *changedPeople(token, listing) {
      const pages = [];
      for await (const page of source.changedPeople(token, listing)) pages.push(page);
      const last = pages.at(-1)?.token;
      if (last && listing === 'users') await ledger.tokens.replace(tenant, 'people', { token: last, at: 0 });
      yield* pages;
    },
  };
}

/** Members of units and contacts of the organisation are waited for as if somebody announced them. */
export const nobodyAsks: Mutant = {
  name: 'no poll of what nobody announces',
  mode: 'B',
  plan: { crash: 0, faults: {}, wider: { ...NARROW, unannounced: 0.3 } },
  parts: (parts) => ({ ...parts, timing: { ...parts.timing, pollMs: 10_000 * 3_600_000 } }),
};

/** Nobody sends again what a crash left between ledger and queue. */
export const noOutbox: Mutant = {
  name: 'no outbox',
  near: 2,
  mode: 'B',
  plan: { crash: 0.003, faults: {} },
  parts: ({ ledger, ...parts }) => ({
    ...parts,
    ledger: {
      ...methods(ledger),
      outbox: { read: async () => [], sent: async () => {} },
      cards: {
        ...methods(ledger.cards),
        unfinished: async () => [],
        of: async (tenant, identities) =>
          (await ledger.cards.of(tenant, identities)).map((card) => ({ ...card, fannedOut: card.revision })),
      },
    },
  }),
};

/** Whatever body is at hand is written, whether it is the ledger's revision or not. */
export const staleBodyWritten: Mutant = {
  name: 'stale cached card written',
  near: 9,
  mode: 'B',
  plan: { crash: 0.002, staleMs: 45_000, faults: { staleRead: 0.8 } },
  parts: (parts) => {
    const bodies = new Map<string, Card>();
    return {
      ...parts,
      bodies: {
        remember: (record, card) => {
          const key = `${record.route}|${record.person}`;
          if (!bodies.has(key)) bodies.set(key, card);
        },
        provenanceOf: () => null,
        of: async (route, records) => {
          const proven = await parts.bodies.of(route, records);
          return new Map(
            [...proven].map(([person, card]) => [
              person,
              bodies.get(`${records[0]?.route}|${person}`) ?? card,
            ]),
          );
        },
      },
    };
  },
};

/** The queue and the folders are asked for the slab's generation, and not listened to. */
export const restoredLedgerTrusted: Mutant = {
  name: 'restored ledger trusted',
  mode: 'C',
  plan: { crash: 0.003, ledgerLoss: 0.8, faults: {} },
  parts: (parts) => ({
    ...parts,
    targets: new Map([...parts.targets].map(([tenant, target]) => [tenant, unheard(target)])),
    writes: over(parts.writes, {
      take: async (limit) => (await parts.writes.take(limit)).map((delivery) => ({ ...delivery, state: 0 })),
    }),
  }),
};

function unheard(target: Target): Target {
  return {
    spare: () => target.spare(),
    apply: async (operations, urgency) =>
      (await target.apply(operations, urgency)).map((outcome, index) =>
        outcome.kind === 'folder' && operations[index]?.kind === 'read-generation'
          ? { ...outcome, generation: 0 }
          : outcome,
      ),
  };
}

/** Links as the ledger gives them, seen through `view`. */
function withLinks(ledger: Ledger, view: (link: LinkRecord) => LinkRecord | null): Ledger {
  const { links } = ledger;
  const pairs = (found: Awaited<ReturnType<typeof links.pending>>): typeof found =>
    found.map((pair) => ({ ...pair, link: pair.link && view(pair.link) }));
  return {
    ...methods(ledger),
    links: {
      ...methods(links),
      inSlab: async (tenant, slab, identities) => {
        const found = await links.inSlab(tenant, slab, identities);
        return { ...found, links: found.links.flatMap((link) => view(link) ?? []) };
      },
      pending: async (place, cursor, limit) => pairs(await links.pending(place, cursor, limit)),
      ofPlace: async (place, cursor, limit) => pairs(await links.ofPlace(place, cursor, limit)),
    },
  };
}

/** What was found out before a place began anew is stored over it. */
export const lateNews: Mutant = {
  name: 'late news of a place stored',
  mode: 'A',
  plan: { crash: 0, leavers: 2, wider: { ...NARROW, secondThoughts: 0.3, crowd: 24 } },
  parts: ({ ledger, ...parts }) => ({
    ...parts,
    ledger: {
      ...methods(ledger),
      places: {
        ...methods(ledger.places),
        update: async (changes) => {
          const epochs = new Map<number, number>();
          for (const { tenant, slab } of (
            await Promise.all((await ledger.routes.all()).map(({ key }) => ledger.slabs.of(key)))
          ).flat())
            for (const { place, epoch } of await ledger.places.ofSlab(tenant, slab)) epochs.set(place, epoch);
          return ledger.places.update(
            changes.map((change) => ({ ...change, epoch: epochs.get(change.place) ?? change.epoch })),
          );
        },
      },
    },
  }),
};

/** What owners do to the managed folders, nobody looks for. */
export const noAudit: Mutant = {
  name: 'no audit',
  mode: 'C',
  plan: { crash: 0, ledgerLoss: 0, faults: {} },
  parts: (parts) => ({ ...parts, auditNights: null }),
};
