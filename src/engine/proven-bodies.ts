import type { Card } from '../model/card.ts';
import type { CardRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { personLook } from './send.ts';

/**
 * Bodies that are proven to be the ledger's revision, by `route|person`; for the others a fresh look is asked for, and
 * their writes wait. The same card may be wanted in many places.
 */
export async function provenBodies(
  needs: Pick<Needs, 'bodies' | 'routes' | 'changes' | 'clock'>,
  wanted: readonly CardRecord[],
): Promise<Map<string, Card>> {
  const bodies = new Map<string, Card>();
  for (const [key, cardsOfRoute] of Map.groupBy(wanted, (card) => card.route)) {
    const route = needs.routes.find((one) => one.key === key);
    if (!route) continue;
    const records = [...new Map(cardsOfRoute.map((card) => [card.person, card])).values()];
    const cards = await needs.bodies.of(route, records);
    for (const [person, card] of cards) bodies.set(`${key}|${person}`, card);
    const stale = records.filter((record) => !cards.has(record.person));
    if (stale.length === 0) continue;
    const now = needs.clock.now();
    await needs.changes.send(
      stale.map(({ identity }) => personLook({ tenant: route.sourceTenant, id: identity }, now)),
    );
  }
  return bodies;
}
