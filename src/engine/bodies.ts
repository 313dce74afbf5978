import type { Card } from '../model/card.ts';
import type { Route } from '../model/route.ts';
import type { Provenance } from '../model/sync-tag.ts';
import type { CardRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { portOf } from './needs.ts';

/** The bodies of cards: in memory only, bounded, and never handed out unless they are proven to be the ledger's revision. */
export interface Bodies {
  /** `provenance`: as it was read with the card. */
  remember(record: CardRecord, card: Card, provenance?: Provenance): void;
  /**
   * The cards that could be proven current, by `bodyKey`: from memory, or read from the source and compared with the
   * ledger's fingerprint. One that is missing from the answer must not be written.
   */
  of(route: Route, records: readonly CardRecord[]): Promise<ReadonlyMap<number, Card>>;
  /** Of a body that was handed out a moment ago; null where its source tells none. */
  provenanceOf(record: CardRecord): Provenance | null;
}

/** 20,000 bodies of some 500 bytes: a tenant of that size refills after a restart with people / 20 requests. */
const BODIES_AT_MOST = 20_000;

export function createBodies(
  needs: Pick<Needs, 'sources' | 'fingerprint' | 'ledger'>,
  atMost = BODIES_AT_MOST,
): Bodies {
  const kept = new Map<string, { revision: number; card: Card; provenance: Provenance | null }>();

  const remember = (record: CardRecord, card: Card, provenance?: Provenance): void => {
    const key = `${record.route}|${record.person}`;
    kept.delete(key);
    kept.set(key, { revision: record.revision, card, provenance: provenance ?? null });
    if (kept.size > atMost) kept.delete(kept.keys().next().value ?? key);
  };

  const recall = (record: CardRecord): { card: Card; provenance: Provenance | null } | undefined => {
    const body = kept.get(`${record.route}|${record.person}`);
    return body?.revision === record.revision ? body : undefined;
  };

  return {
    remember,
    provenanceOf: (record) => recall(record)?.provenance ?? null,
    of: async (route, records) => {
      const proven = new Map<number, Card>();
      const missing: CardRecord[] = [];
      for (const record of records) {
        const known = recall(record);
        if (known) proven.set(record.person, known.card);
        else missing.push(record);
      }
      if (missing.length === 0) return proven;
      const identities = missing.map((record) => record.identity);
      const sightings = await portOf(needs.sources, route.sourceTenant).look(identities);
      const memberOf = await needs.ledger.memberships.groupsOf(route.sourceTenant, identities);
      for (const record of missing) {
        const sighting = sightings.get(record.identity);
        // Of a book one mailbox alone may not be to be had: its contacts wait, and nobody else's.
        if (sighting?.kind === 'unread' && route.shares === null) throw sighting.fault;
        if (sighting?.kind !== 'present') continue;
        const card = route.shape(sighting.person, memberOf.get(record.identity) ?? new Set());
        if (card === null || needs.fingerprint(card) !== record.fingerprint) continue;
        remember(record, card, sighting.person.provenance);
        proven.set(record.person, card);
      }
      return proven;
    },
  };
}
