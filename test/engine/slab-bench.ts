import { reconcile } from '../../src/engine/reconcile.ts';
import { fillMessage, writeMessage } from '../../src/engine/send.ts';
import type { Card } from '../../src/model/card.ts';
import { openBenchTop, present, TENANT, type BenchTop } from './bench-top.ts';
import { createMemoryFolders, type MemoryFolders } from './memory-folders.ts';

/** One slab on the bench top: its mailboxes, its folders, and its turns by hand. */
export interface SlabBench {
  readonly top: BenchTop;
  readonly target: MemoryFolders;
  join(owner: string): Promise<void>;
  /** The person's card is in the ledger, and its body at hand. */
  show(identity: string): Promise<Card>;
  /** A write for everybody and a fill, and turns until nothing is due any more. */
  work(): Promise<void>;
  /** One turn of a fill alone. */
  turn(): Promise<void>;
  /** Who stands in the mailbox's folder. */
  shown(owner: string): string[];
}

export async function openSlabBench(owners: readonly string[]): Promise<SlabBench> {
  const target = createMemoryFolders();
  const top = await openBenchTop({}, target);
  const { needs, clock } = top;
  const { signal: never } = new AbortController();
  const [route] = needs.routes;
  if (!route) throw new Error('the bench has a route');
  const key = route.key;
  const join = async (owner: string): Promise<void> => {
    await needs.ledger.mailboxes.join(TENANT, owner, key);
  };
  for (const owner of owners) await join(owner);
  const turnOnce = async (): Promise<boolean> => {
    const [delivery] = await needs.writes.take({ keys: 1, messages: 10 });
    if (delivery) await reconcile(needs, delivery, never);
    return delivery !== undefined;
  };
  const people: string[] = [];
  const send = (): Promise<void> => {
    const at = clock.now();
    const slab = { tenant: TENANT, slab: 0 };
    const writes = people.map((identity) => writeMessage({ v: 1, kind: 'identity', ...slab, identity, at }));
    return needs.writes.send([...writes, fillMessage(slab, at)]);
  };
  return {
    top,
    target,
    join,
    show: async (identity) => {
      const sighting = present(identity, { displayName: identity });
      if (sighting.kind !== 'present') throw new Error('present means present');
      const card = route.shape(sighting.person, new Set());
      if (card === null) throw new Error('nothing is shown of them');
      people.push(identity);
      top.people.set(identity, sighting);
      const fingerprint = needs.fingerprint(card);
      await needs.ledger.cards.record(TENANT, [{ identity, route: key, fingerprint, state: 'shown' }]);
      return card;
    },
    work: async () => {
      await send();
      for (let turns = 0; turns < 20; turns += 1) if (!(await turnOnce())) return;
    },
    turn: async () => {
      await needs.writes.send([fillMessage({ tenant: TENANT, slab: 0 }, clock.now())]);
      await turnOnce();
    },
    shown: (owner) => [...(target.folders.get(owner)?.items.values() ?? [])].map(({ identity }) => identity),
  };
}
