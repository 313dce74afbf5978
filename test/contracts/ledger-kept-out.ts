import { describe, expect, test } from 'vitest';
import type { Key, Stranger } from '../../src/engine/book-port.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { existing, join, linkTo, placeOf, print, recordAs, saveRoute, show, TENANT } from './ledger-setup.ts';

const BOOK = 'contoso/book/shared';
const order = (identity: string, source = TENANT) => ({ source, identity, at: 7 });
const keyOf = (number: number): Key => ({ kind: 'address', digest: print(number) });

const stranger = (name: string, ...keys: Key[]): Stranger => ({
  item: `item-${name}`,
  fresh: print(name.charCodeAt(0)),
  editedAt: 10,
  fingerprint: print(100),
  keys,
});

/** Who is never shown, whatever the source says. */
export function keptOutContract(fresh: () => Promise<Ledger>): void {
  describe('people who are kept out', () => {
    test('are so until the order is taken back, which is looked at both times', async () => {
      const ledger = await fresh();
      const { keptOut } = ledger;
      await show(ledger, await saveRoute(ledger), ['ann', 'bob']);
      expect(await keptOut.among(TENANT, ['ann', 'bob'])).toEqual(new Set());
      expect(await keptOut.keep(order('ann'))).toEqual(['ann']);
      expect(await keptOut.among(TENANT, ['ann', 'bob'])).toEqual(new Set(['ann']));
      expect(await keptOut.of(['ann', 'bob'])).toEqual([
        { subject: 'ann', identity: 'ann', by: 'order', at: 7 },
      ]);
      expect(await outbox(ledger)).toEqual([`${TENANT} ann`]);
      // Again: it keeps its time.
      expect(await keptOut.keep({ ...order('ann'), at: 9 })).toEqual(['ann']);
      expect(await keptOut.of(['ann'])).toMatchObject([{ at: 7 }]);
      await outbox(ledger);
      expect(await keptOut.letIn(order('ann'))).toBe(true);
      expect(await outbox(ledger)).toEqual([`${TENANT} ann`]);
      expect(await keptOut.among(TENANT, ['ann'])).toEqual(new Set());
      expect(await keptOut.letIn(order('ann'))).toBe(false);
      expect(await outbox(ledger)).toEqual([]);
    });

    test('nobody whom the ledger does not know: an order by a wrong id leaves nothing', async () => {
      const ledger = await fresh();
      await show(ledger, await saveRoute(ledger), ['ann']);
      expect(await ledger.keptOut.keep(order('eve'))).toEqual([]);
      expect(await ledger.keptOut.keep(order('ann', 'fabrikam'))).toEqual([]);
      expect(await ledger.keptOut.of(['eve', 'ann'])).toEqual([]);
      expect(await outbox(ledger)).toEqual([]);
    });

    test('pass the guard that holds everybody else, also those whom it held before; only where they are shown', async () => {
      const ledger = await fresh();
      const staff = await saveRoute(ledger);
      const sales = await saveRoute(ledger, 'sales', { job: 'sales' });
      await show(ledger, staff, ['ann', 'bob']);
      await recordAs(ledger, sales, { identities: ['ann'], state: 'gone' });
      const ask = (job: string) =>
        ledger.guard.admit({
          job,
          kind: 'person',
          tenant: TENANT,
          subjects: ['ann', 'bob'],
          limits: { count: 0, percent: 0 },
          scope: 2,
          now: 8,
        });
      expect(await ask('staff')).toEqual(new Set());
      await ledger.keptOut.keep(order('ann'));
      expect(await ask('staff')).toEqual(new Set(['ann']));
      expect(await ask('sales')).toEqual(new Set());
      // An approval that nobody made use of goes with the order.
      await ledger.keptOut.keep(order('bob'));
      await ledger.keptOut.letIn(order('bob'));
      expect(await ask('staff')).toEqual(new Set(['ann']));
    });

    test('share what they are met by: for one of them it stays as long as another one is kept out', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger, 'shared/out', { job: 'shared', sourceTenant: BOOK });
      const at = existing(await placeOf(ledger, await join(ledger, route, 'first')));
      const strangers = [stranger('a', keyOf(1)), stranger('b', keyOf(3))];
      await ledger.book.meet(BOOK, at, { strangers, complete: false });
      const [a, b] = [print('a'.charCodeAt(0)), print('b'.charCodeAt(0))];
      const edit = { identity: b, place: at.place, item: 'item-b', editedAt: 11 };
      await ledger.book.edited(BOOK, [{ ...edit, keys: [keyOf(1), keyOf(3)] }]);
      expect(await ledger.keptOut.keep(order(a, BOOK))).toEqual([print(1), a]);
      expect(await ledger.keptOut.keep(order(b, BOOK))).toEqual([print(1), print(3), b].toSorted());
      expect(await ledger.keptOut.letIn(order(a, BOOK))).toBe(true);
      expect((await ledger.keptOut.of([print(1)])).map(({ identity }) => identity)).toEqual([b]);
    });

    test('by the configuration as it is now, which leaves orders alone and asks no guard for anybody', async () => {
      const ledger = await fresh();
      const { keptOut } = ledger;
      await show(ledger, await saveRoute(ledger), ['ann', 'bob', 'eve']);
      await keptOut.keep(order('eve'));
      await outbox(ledger);
      await keptOut.agree(['ann', 'eve', 'nobody'], 3);
      expect(await outbox(ledger)).toEqual([`${TENANT} ann`, `${TENANT} eve`]);
      expect(await keptOut.dropped(['nobody', 'eve', 'ann'])).toEqual([]);
      await keptOut.agree(['nobody', 'eve', 'ann'], 4);
      expect(await outbox(ledger)).toEqual([]);
      expect(await keptOut.among(TENANT, ['ann', 'bob', 'eve'])).toEqual(new Set(['ann', 'eve']));
      expect(await keptOut.letIn(order('ann'))).toBe(false);
      // What the order says as well, it still says.
      expect(await keptOut.dropped(['nobody'])).toEqual(['ann']);
      await keptOut.agree(['nobody'], 5);
      expect(await keptOut.dropped(['nobody'])).toEqual([]);
      expect(await outbox(ledger)).toEqual([`${TENANT} ann`, `${TENANT} eve`]);
      expect(await keptOut.among(TENANT, ['ann', 'eve'])).toEqual(new Set(['eve']));
      expect(await ledger.guard.held()).toEqual([]);
    });

    test('a shared contact by all that it is met by: nobody meets it again, under whatever name', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger, 'shared/out', { job: 'shared', sourceTenant: BOOK });
      const [first, second] = [await join(ledger, route, 'first'), await join(ledger, route, 'second')];
      const meet = async (at: typeof first, ...strangers: Stranger[]) =>
        (
          await ledger.book.meet(BOOK, existing(await placeOf(ledger, at)), { strangers, complete: false })
        ).map(({ kind }) => kind);
      const a = print('a'.charCodeAt(0));
      expect(await meet(first, stranger('a', keyOf(1), keyOf(2)))).toEqual(['new']);
      expect(await ledger.keptOut.keep(order(a, BOOK))).toEqual([print(1), print(2), a].toSorted());
      expect(await meet(second, stranger('b', keyOf(2)), stranger('c', keyOf(3)))).toEqual([
        'new',
        'kept out',
      ]);
      // Where it stands another one would be one too many, should it come back.
      expect(await ledger.book.hasDoubts(second.place)).toBe(true);
      // Its keys are known to the book as long as it is.
      expect(await ledger.keptOut.among(BOOK, [a])).toEqual(new Set([a]));
      await ledger.keptOut.letIn(order(a, BOOK));
      expect(await meet(second, stranger('b', keyOf(2)))).toEqual(['known']);
      // By the configuration alone, as after a lost ledger: nothing but the key need be named.
      await ledger.keptOut.agree([print(9)], 1);
      expect(await meet(second, stranger('d', keyOf(9)))).toEqual(['kept out']);
    });

    test('a contact of another person that has got one of their addresses is not one of them', async () => {
      const ledger = await fresh();
      const route = await saveRoute(ledger, 'shared/out', { job: 'shared', sourceTenant: BOOK });
      const at = await placeOf(ledger, await join(ledger, route, 'first'));
      const strangers = [stranger('a', keyOf(1), keyOf(2)), stranger('b', keyOf(3))];
      await ledger.book.meet(BOOK, existing(at), { strangers, complete: false });
      const [a, b] = [print('a'.charCodeAt(0)), print('b'.charCodeAt(0))];
      await ledger.keptOut.keep(order(a, BOOK));
      const edit = { identity: b, place: existing(at).place, item: 'item-b', editedAt: 11 };
      await ledger.book.edited(BOOK, [{ ...edit, keys: [keyOf(2), keyOf(3)] }]);
      expect(await ledger.keptOut.among(BOOK, [a, b])).toEqual(new Set([a]));
      // Nothing else is left to meet it by.
      await ledger.keptOut.agree([print(3)], 12);
      expect(await ledger.keptOut.among(BOOK, [a, b])).toEqual(new Set([a, b]));
    });
  });

  test('every contact of a person is found, with its mailbox, and nobody else', async () => {
    const ledger = await fresh();
    const staff = await saveRoute(ledger);
    const sales = await saveRoute(ledger, 'sales', { job: 'sales', targetTenant: 'fabrikam' });
    const [one, two] = [await join(ledger, staff, 'one'), await join(ledger, sales, 'two')];
    const [ann, bob] = await show(ledger, staff, ['ann', 'bob']);
    const [annInSales] = await show(ledger, sales, ['ann']);
    const put = [
      linkTo(existing(ann), one, { item: 'AAMkADExMzJm-_==' }),
      linkTo(existing(bob), one),
      linkTo(existing(annInSales), two, { origin: 'linked' }),
    ];
    await ledger.links.save({ put });
    expect(await ledger.links.ofPerson(TENANT, 'ann')).toEqual([
      { link: put[0], route: 'staff', job: 'staff', tenant: TENANT, owner: 'one', folder: null },
      { link: put[2], route: 'sales', job: 'sales', tenant: 'fabrikam', owner: 'two', folder: null },
    ]);
    await show(ledger, staff, ['carl']);
    expect(await ledger.links.ofPerson(TENANT, 'carl')).toEqual([]);
    expect(await ledger.links.ofPerson(TENANT, 'eve')).toBeNull();
    expect(await ledger.links.ofPerson('fabrikam', 'ann')).toBeNull();
  });
}

/** What waits there, which is then taken out. */
async function outbox(ledger: Ledger): Promise<string[]> {
  const entries = await ledger.outbox.read(1_000);
  await ledger.outbox.sent(entries.map(({ entry }) => entry));
  return entries.map(({ tenant, id }) => `${tenant} ${id}`).toSorted();
}
