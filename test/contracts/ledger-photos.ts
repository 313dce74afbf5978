import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { existing, linkTo, recordAs, saveRoute, setScene, show, TENANT } from './ledger-setup.ts';

const [ONE, TWO, TAG] = ['11', '22', 'aa'];

export function photosContract(fresh: () => Promise<Ledger>): void {
  describe('pictures', () => {
    test('are known for people who are shown or held, once they were looked at', async () => {
      const { ledger, route } = await setScene(await fresh(), ['ann', 'bob']);
      await recordAs(ledger, route, { identities: ['bob'], state: 'gone' });
      expect(await ledger.photos.of(TENANT, ['ann', 'bob', 'cid'])).toEqual([
        { identity: 'ann', route: route.key, tag: null, photo: null },
      ]);
      await ledger.photos.record(TENANT, [{ identity: 'ann', route: route.key, tag: TAG, photo: ONE }]);
      expect(await ledger.photos.of(TENANT, ['ann'])).toEqual([
        { identity: 'ann', route: route.key, tag: TAG, photo: ONE },
      ]);
      expect(await ledger.photos.of('elsewhere', ['ann'])).toEqual([]);
    });

    test('raise the revision when they are others, and are kept when the fields change', async () => {
      const { ledger, route } = await setScene(await fresh(), ['ann']);
      const record = (photo: string | null, tag = TAG): Promise<unknown> =>
        ledger.photos.record(TENANT, [{ identity: 'ann', route: route.key, tag, photo }]);
      expect(await record(null)).toEqual([]);
      expect(await record(ONE)).toMatchObject([{ identity: 'ann', revision: 2, photo: ONE }]);
      expect(await record(ONE, 'bb')).toEqual([]);
      expect(await show(ledger, route, ['ann'])).toMatchObject([{ revision: 3, photo: ONE }]);
      expect(await record(null)).toMatchObject([{ revision: 4, photo: null }]);
      expect(await ledger.cards.unfinished(10)).toMatchObject([{ revision: 4 }]);
    });

    test('that are doubted stand, as if nobody had looked', async () => {
      const { ledger, route, cards } = await setScene(await fresh(), ['ann']);
      await ledger.photos.record(TENANT, [{ identity: 'ann', route: route.key, tag: TAG, photo: ONE }]);
      await ledger.photos.doubt(route.key, existing(cards[0]).person);
      const doubted = [{ identity: 'ann', route: route.key, tag: null, photo: ONE }];
      expect(await ledger.photos.of(TENANT, ['ann'])).toEqual(doubted);
      await ledger.photos.forget(route.key);
      expect(await ledger.photos.of(TENANT, ['ann'])).toMatchObject([{ photo: null }]);
    });

    test('a contact with another picture than its card is not right', async () => {
      const { ledger, route, place, cards } = await setScene(await fresh(), ['ann', 'bob']);
      const [ann, bob] = await ledger.photos.record(
        TENANT,
        cards.map(({ identity }) => ({ identity, route: route.key, tag: TAG, photo: ONE })),
      );
      const put = [
        linkTo(existing(ann), place, { photo: ONE }),
        linkTo(existing(bob), place, { photo: TWO }),
      ];
      await ledger.links.save({ put });
      expect(await ledger.links.pending(place.place, 0, 10)).toEqual([{ card: bob, link: put[1] }]);
      expect(await ledger.links.count(route.key, false)).toEqual({ right: 1, behind: 1 });
      await ledger.links.save({ put: [linkTo(existing(bob), place)] });
      expect(await ledger.links.pending(place.place, 0, 10)).toMatchObject([{ card: bob }]);
    });

    test('are let go with their route, and with no other', async () => {
      const { ledger, route, place, cards } = await setScene(await fresh(), ['ann']);
      const other = await saveRoute(ledger, 'other');
      await show(ledger, other, ['ann']);
      await ledger.photos.record(
        TENANT,
        [route, other].map(({ key }) => ({ identity: 'ann', route: key, tag: TAG, photo: ONE })),
      );
      await ledger.links.save({ put: [linkTo(existing(cards[0]), place, { photo: ONE, revision: 2 })] });
      await ledger.photos.forget(route.key);
      expect(await ledger.photos.of(TENANT, ['ann'])).toEqual([
        { identity: 'ann', route: route.key, tag: null, photo: null },
        { identity: 'ann', route: other.key, tag: TAG, photo: ONE },
      ]);
      expect(await ledger.links.pending(place.place, 0, 10)).toEqual([]);
    });
  });
}
