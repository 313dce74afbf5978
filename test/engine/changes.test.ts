import { describe, expect, test } from 'vitest';
import { handleChanges } from '../../src/engine/changes.ts';
import { readBundles } from '../../src/engine/membership.ts';
import { changeMessage, newChange } from '../../src/engine/send.ts';
import type { GroupDifference } from '../../src/engine/ports.ts';
import { Fault } from '../../src/model/fault.ts';
import type { Cause, ChangeKind } from '../../src/model/change.ts';
import { openBenchTop, present, SOURCE, TENANT, type BenchTop } from './bench-top.ts';

async function announce(
  top: BenchTop,
  ids: readonly string[],
  { kind = 'user', cause = 'notification' }: { kind?: ChangeKind; cause?: Cause } = {},
): Promise<void> {
  const at = top.clock.now();
  await top.needs.changes.send(
    ids.map((id) => changeMessage(newChange({ kind, tenant: TENANT, id }, cause, at))),
  );
  await handleDue(top);
}

async function handleDue({ needs }: BenchTop): Promise<void> {
  await handleChanges(needs, await needs.changes.take({ keys: 100, messages: 10 }), async () => {});
}

/** The source group has been read, and holds these people. */
async function membersAre(top: BenchTop, ids: readonly string[]): Promise<void> {
  const joined = ids.map((id) => ({ id, kind: 'person' as const }));
  const differences = [{ group: SOURCE, gone: false, joined, left: [] }];
  await top.needs.ledger.memberships.apply({
    tenant: TENANT,
    bundle: 'b',
    groups: [SOURCE],
    full: true,
    differences,
    token: 't',
    at: 1,
  });
  await top.needs.ledger.outbox.sent((await top.needs.ledger.outbox.read(1_000)).map((entry) => entry.entry));
}

const stateOf = async (top: BenchTop, id: string): Promise<string | undefined> =>
  (await top.needs.ledger.cards.of(TENANT, [id]))[0]?.state;

describe('scope', () => {
  test('nobody leaves while a tracked group has not been read', async () => {
    const top = await openBenchTop();
    top.people.set('ann', present('ann'));
    await membersAre(top, ['ann']);
    await announce(top, ['ann']);
    expect(await stateOf(top, 'ann')).toBe('shown');
    await membersAre(top, []);
    await top.needs.ledger.memberships.track(TENANT, ['not-read-yet'], 'group');
    await announce(top, ['ann']);
    expect(await stateOf(top, 'ann')).toBe('shown');
    // Kept, and tried again: not taken for done.
    expect(await top.waiting()).toBe(1);
    await top.needs.ledger.memberships.prune(TENANT, [SOURCE]);
    await top.clock.run(top.clock.now() + 10_000);
    await handleDue(top);
    expect(await stateOf(top, 'ann')).toBe('gone');
  });

  test('where a group keeps people out, nobody comes before it has been read', async () => {
    const top = await openBenchTop();
    const routes = top.needs.routes.map((route) => ({ ...route, barring: ['board'] }));
    const strict: BenchTop = { ...top, needs: { ...top.needs, routes } };
    top.people.set('ann', present('ann'));
    await membersAre(top, ['ann']);
    await top.needs.ledger.memberships.track(TENANT, ['board'], 'group');
    await announce(strict, ['ann']);
    expect(await stateOf(top, 'ann')).toBeUndefined();
    expect(await top.waiting()).toBe(1);
    // Other routes do not wait for it.
    await announce(top, ['ann']);
    expect(await stateOf(top, 'ann')).toBe('shown');
  });

  test('an absence without proof is believed at the last look only, and questions do not put that off', async () => {
    const top = await openBenchTop();
    top.people.set('ann', present('ann'));
    await membersAre(top, ['ann']);
    await announce(top, ['ann']);
    top.people.delete('ann');
    await announce(top, ['ann']);
    for (let second = 0; second < 290; second += 15) {
      await announce(top, ['ann'], { cause: 'stale' });
      expect(await stateOf(top, 'ann')).toBe('shown');
      await top.clock.run(top.clock.now() + 15_000);
    }
    await top.clock.run(top.clock.now() + 15_000);
    await handleDue(top);
    expect(await stateOf(top, 'ann')).toBe('gone');
  });
});

describe('one take', () => {
  test('somebody who cannot be read keeps nobody waiting', async () => {
    const top = await openBenchTop();
    await membersAre(top, ['ann', 'bob']);
    top.people.set('ann', { kind: 'unread', fault: new Fault('unavailable', 'away') });
    top.people.set('bob', present('bob'));
    await announce(top, ['ann', 'bob']);
    expect(await stateOf(top, 'bob')).toBe('shown');
    expect(await stateOf(top, 'ann')).toBeUndefined();
    top.people.set('ann', present('ann'));
    await top.clock.run(top.clock.now() + 5_000);
    await handleDue(top);
    expect(await stateOf(top, 'ann')).toBe('shown');
  });

  test('a group that nobody tracks is looked at once', async () => {
    const top = await openBenchTop();
    await announce(top, ['some-team'], { kind: 'group' });
    expect(await top.waiting()).toBe(0);
  });
});

test('two readings of the groups at once: the token stored covers every group of its bundle', async () => {
  const asked: string[][] = [];
  const top = await openBenchTop({
    async *changedGroups(token, groups) {
      asked.push([...groups]);
      await top.clock.sleep(100);
      const items: GroupDifference[] = groups.map((group) => ({
        group,
        gone: false,
        joined: group === SOURCE && token === null ? [{ id: 'nested', kind: 'group' }] : [],
        left: [],
      }));
      yield { items, token: `token of ${groups.join()}` };
    },
  });
  const { needs, clock } = top;
  await clock.through(
    Promise.all([
      readBundles(needs, TENANT, { fromPrevious: false }),
      readBundles(needs, TENANT, { fromPrevious: false }),
    ]),
  );
  expect(asked.length).toBeGreaterThan(1);
  for (const { group, bundle } of await needs.ledger.memberships.tracked(TENANT)) {
    const token = await needs.ledger.tokens.read(TENANT, bundle ?? '');
    expect(token?.current).toContain(group);
  }
});
