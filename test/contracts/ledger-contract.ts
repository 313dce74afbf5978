import { setbacksContract } from './ledger-setbacks.ts';
import { afterEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { auditsContract } from './ledger-audits.ts';
import { cardsContract } from './ledger-cards.ts';
import { crewContract } from './ledger-crew.ts';
import { guardContract } from './ledger-guard.ts';
import { haltsContract } from './ledger-halts.ts';
import { keptOutContract } from './ledger-kept-out.ts';
import { linksContract } from './ledger-links.ts';
import { bookContract } from './ledger-book.ts';
import { recordContract } from './ledger-record.ts';
import { tracesContract } from './ledger-traces.ts';
import { referencesContract } from './ledger-references.ts';
import { mailboxesContract } from './ledger-mailboxes.ts';
import { exceptionsContract } from './ledger-exceptions.ts';
import { membershipsContract } from './ledger-memberships.ts';
import { notesContract } from './ledger-notes.ts';
import { overlapsContract } from './ledger-overlaps.ts';
import { photosContract } from './ledger-photos.ts';
import { epochsContract } from './ledger-epochs.ts';
import { placesContract } from './ledger-places.ts';
import { recallContract } from './ledger-recall.ts';
import { rebuildContract } from './ledger-rebuild.ts';
import { waitsContract } from './ledger-waits.ts';
import {
  existing,
  join,
  linkTo,
  saveRoute,
  show,
  TENANT,
  type LedgerHome,
  type OpenHome,
} from './ledger-setup.ts';

/** What every ledger does, whatever database is behind it. */
export function ledgerContract(name: string, openHome: OpenHome): void {
  describe(name, () => {
    const homes: LedgerHome[] = [];

    async function home(): Promise<LedgerHome> {
      const opened = await openHome();
      homes.push(opened);
      return opened;
    }

    async function fresh(): Promise<Ledger> {
      return (await home()).open();
    }

    afterEach(async () => {
      for (const opened of homes.splice(0)) await opened.destroy();
    });

    cardsContract(fresh);
    mailboxesContract(fresh);
    waitsContract(fresh);
    recallContract(fresh);
    epochsContract(fresh);
    placesContract(fresh);
    linksContract(fresh);
    referencesContract(fresh);
    bookContract(fresh);
    auditsContract(fresh);
    rebuildContract(fresh);
    membershipsContract(fresh);
    exceptionsContract(fresh);
    guardContract(fresh);
    haltsContract(fresh);
    keptOutContract(fresh);
    recordContract(fresh);
    tracesContract(fresh);
    notesContract(fresh);
    photosContract(fresh);
    crewContract(fresh);
    overlapsContract(fresh);
    setbacksContract(fresh);

    test('a ledger that is opened again knows everything that was committed', async () => {
      const place = await home();
      const before = await place.open();
      const route = await saveRoute(before);
      const at = await join(before, route, 'owner');
      const [card] = await show(before, route, ['ann']);
      const link = linkTo(existing(card), at, { item: 'AAMkADExMzJm-_==' });
      await before.links.save({ put: [link], bump: { tenant: TENANT, slab: 0 } });
      await before.close();
      const after = await place.open();
      expect(await after.routes.all()).toEqual([route]);
      expect(await after.links.inSlab(TENANT, 0, ['ann'])).toEqual({ cards: [card], links: [link] });
      expect(await after.slabs.generation(TENANT, 0)).toEqual({ current: 1, stamped: 0 });
    });

    test('calls that overlap do not mix', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger);
      const place = await join(ledger, route, 'owner');
      const first = await show(ledger, route, ['person-0']);
      const people = Array.from({ length: 20 }, (_, index) => `person-${index}`);
      await Promise.all([
        ...people.map((identity) => show(ledger, route, [identity])),
        ...people.map(() => ledger.links.save({ bump: { tenant: TENANT, slab: 0 } })),
        expect(
          ledger.links.save({ put: [{ ...linkTo(existing(first[0]), place), place: 999 }] }),
        ).rejects.toThrow(/not known/),
      ]);
      expect((await ledger.cards.count(route.key)).shown).toBe(20);
      expect((await ledger.slabs.generation(TENANT, 0)).current).toBe(20);
      expect((await ledger.cards.of(TENANT, ['person-0'])).map((card) => card.revision)).toEqual([2]);
    });
  });
}
