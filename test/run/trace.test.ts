import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { changeMessage, writeMessage } from '../../src/engine/send.ts';
import { changeIdOf, traceparentOf } from '../../src/model/trace.ts';
import { QUEUE_FILE } from '../../src/run/files.ts';
import type { Config } from '../../src/kit/config/config.ts';
import type { Write } from '../../src/model/write.ts';
import type { TraceReport } from '../../src/run/trace/report.ts';
import { traceChange } from '../../src/run/trace/trace.ts';
import { recordAs, saveRoute, show } from '../contracts/ledger-setup.ts';
import { ANN, AT, CHANGE, look, openScene, TRACE, write, type Scene } from './traced.ts';

let on: Scene;
let ledger: Ledger;
beforeEach(async () => {
  on = await openScene();
  ({ ledger } = on);
});
afterEach(() => on.close());

const trace = (most?: number): Promise<TraceReport> =>
  traceChange(on.config, on.surroundings, { change: CHANGE, ...(most === undefined ? {} : { most }) });
const identity = { v: 1, kind: 'identity', tenant: 'contoso', slab: 2, identity: ANN, at: AT } as const;
const event = { v: 1, kind: 'user', tenant: 'contoso', id: ANN, causes: ['notification'], at: AT } as const;

describe('a change', () => {
  test('is followed from its arrival to the last mailbox, and is done', async () => {
    const [card] = await show(ledger, await saveRoute(ledger), [ANN]);
    await ledger.cards.fannedOut(card ? [card] : []);
    const other = changeIdOf(traceparentOf({ kind: 'user', tenant: 'contoso', id: ANN }, AT - 5));
    await ledger.traces.add('contoso', AT + 100, [
      look({ changes: [other, CHANGE], causes: ['notification', 'sweep'] }),
      look({ object: 'bob', changes: ['f'.repeat(32)] }),
    ]);
    await ledger.traces.add('contoso', AT + 50_000, [look({ outcome: 'nothing' })]);
    await ledger.record.add('contoso', AT + 300, [
      write('owner-1', { outcome: 'throttled' }),
      write('owner-2'),
      write('owner-3', { changes: [] }),
    ]);
    await ledger.record.add('contoso', AT + 900, [write('owner-1')]);
    const report = await trace();
    expect(report).toMatchObject({
      change: CHANGE,
      arrived: '2026-11-30T10:00:00.000Z',
      about: { tenant: 'contoso', kind: 'user', object: ANN },
      together: [other],
      looks: [
        { at: '2026-11-30T10:00:00.100Z', outcome: 'new', fault: null, causes: ['notification', 'sweep'] },
        { at: '2026-11-30T10:00:50.000Z', outcome: 'nothing' },
      ],
      writes: {
        mailboxes: 2,
        first: '2026-11-30T10:00:00.300Z',
        last: '2026-11-30T10:00:00.900Z',
        open: [],
        more: false,
      },
      waiting: [],
      unread: null,
      lookedAt: null,
      givenUp: [],
      cards: [{ job: 'staff', route: 'staff', state: 'shown', revision: 1, fannedOut: 1, halt: null }],
      next: 'nothing: it is done',
    });
    expect(report.writes.counts).toEqual(
      expect.arrayContaining([
        { operation: 'patch', outcome: 'done', count: 2 },
        { operation: 'patch', outcome: 'throttled', count: 1 },
      ]),
    );
    expect(report.writes.list).toHaveLength(3);
  });

  test('that waits in the queues is found there, by what its messages say', async () => {
    await on.queued(async ({ changes, writes }) => {
      await changes.send([
        changeMessage(event),
        changeMessage({ v: 1, kind: 'user', tenant: 'contoso', id: 'bob', causes: ['sweep'], at: AT }),
      ]);
      await writes.send([
        writeMessage({ ...identity, traces: [TRACE] }, 30_000),
        writeMessage({ ...identity, slab: 3 }),
      ]);
    });
    const now = on.surroundings.clock.now();
    const report = await trace();
    expect(report.about).toEqual({ tenant: 'contoso', kind: 'user', object: ANN });
    expect(report.waiting).toEqual([
      {
        queue: 'changes',
        tenant: 'contoso',
        slab: null,
        due: new Date(now).toISOString(),
        held: false,
        attempts: 0,
      },
      {
        queue: 'writes',
        tenant: 'contoso',
        slab: 2,
        due: new Date(now + 30_000).toISOString(),
        held: false,
        attempts: 0,
      },
    ]);
    expect(report.next).toContain('slab 2 of contoso is written at ');
  });

  test('whose look failed says why, and that it is tried again', async () => {
    await ledger.traces.add('contoso', AT + 100, [look({ outcome: 'failed', fault: 'throttled 429' })]);
    await on.queued(({ changes }) => changes.send([changeMessage(event, 9_000)]));
    const report = await trace();
    expect(report.looks).toMatchObject([{ outcome: 'failed', fault: 'throttled 429' }]);
    expect(report.next).toMatch(/^the object is looked at once more at 2026/);
  });

  test('of which a write came to nothing names the mailbox', async () => {
    await ledger.traces.add('contoso', AT + 100, [look()]);
    await ledger.record.add('contoso', AT + 300, [write('owner-1'), write('owner-2')]);
    await ledger.record.add('contoso', AT + 400, [write('owner-2', { outcome: 'unknown-outcome' })]);
    const { writes, next } = await trace();
    expect(writes.open).toMatchObject([{ mailbox: 'owner-2', outcome: 'unknown-outcome' }]);
    expect(next).toContain('what was not done is found and done by the next turn');
  });

  test('that was given up is named as "dead" does', async () => {
    await ledger.traces.add('contoso', AT + 100, [look({ outcome: 'failed', fault: 'forbidden' })]);
    const nowhere = { slab: null, mailbox: null, route: null, causes: [], event: AT } as const;
    const failure = { ...nowhere, kind: 'user', tenant: 'contoso', object: ANN, at: AT } as const;
    await ledger.setbacks.note([{ ...failure, reason: 'forbidden: 403' }], () => 3_600_000);
    const { givenUp, next } = await trace();
    expect(givenUp).toMatchObject([{ reason: 'forbidden: 403' }]);
    expect(next).toMatch(/tried again by itself/);
  });

  test('that lies among the dead letters is found by them alone', async () => {
    await on.queued(async ({ changes }) => {
      await changes.send([changeMessage(event)]);
      for (const delivery of await changes.take({ keys: 1, messages: 1 })) {
        const verdicts = delivery.messages.map(
          ({ id }) => [id, { kind: 'dead', reason: 'forbidden' }] as const,
        );
        await changes.settle(delivery, new Map(verdicts));
      }
    });
    const { givenUp, next } = await trace();
    expect(givenUp).toMatchObject([{ id: expect.stringMatching(/^changes-/), reason: 'forbidden' }]);
    expect(next).toContain('contact-sync dead retry changes-');
  });

  test('whose writes are not sent yet, whose removal is held, or whose job is stopped says so', async () => {
    const route = await saveRoute(ledger);
    await show(ledger, route, [ANN]);
    await ledger.traces.add('contoso', AT + 100, [look()]);
    expect((await trace()).next).toBe('a running service sends it to the mailboxes within a minute');
    await recordAs(ledger, route, { identities: [ANN], state: 'held' });
    expect((await trace()).next).toMatch(/^the guard of the job staff holds the removal.*approve/);
    await ledger.halts.set({ scope: { kind: 'job', name: 'staff' }, mode: 'paused', since: AT });
    expect((await trace()).next).toMatch(/^nothing while it is paused.*resume/);
    await ledger.halts.set({ scope: { kind: 'job', name: 'staff' }, mode: 'reverting', since: AT });
    expect((await trace()).next).toBe('nothing: the job staff is being taken back');
  });

  test('that may lie behind the messages that were looked at is not said to be done', async () => {
    await ledger.traces.add('contoso', AT + 100, [look()]);
    const bob = { ...event, id: 'bob' };
    const carol = { ...event, id: 'carol' };
    await on.queued(({ changes }) => changes.send([bob, carol].map((one) => changeMessage(one))));
    expect(await trace(3)).toMatchObject({ lookedAt: null, next: 'nothing: it is done' });
    expect(await trace(2)).toMatchObject({
      lookedAt: 2,
      next: expect.stringMatching(/^not known: of a queue only the first 2 messages were looked at/),
    });
  });

  test('counts messages that nobody here can read among those that were looked at', async () => {
    await ledger.traces.add('contoso', AT + 100, [look()]);
    const unreadable = { ...identity, v: 99 };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as a newer version would send it
    await on.queued(({ writes }) => writes.send([writeMessage(unreadable as unknown as Write)]));
    expect(await trace(1)).toMatchObject({ waiting: [], lookedAt: 1 });
  });

  test('that is looked at while the queues are read is found in the ledger', async () => {
    const added: Promise<void>[] = [];
    const config: Config = {
      ...on.config,
      // Asked for by whoever is about to look into the queues.
      get queue() {
        if (added.length === 0) added.push(ledger.traces.add('contoso', AT + 100, [look()]));
        return on.config.queue;
      },
    };
    const report = await traceChange(config, on.surroundings, { change: CHANGE });
    await Promise.all(added);
    expect(report.looks).toMatchObject([{ outcome: 'new' }]);
  });

  test('whose queues cannot be read is told as far as the ledger goes', async () => {
    await ledger.traces.add('contoso', AT + 100, [look()]);
    await writeFile(path.join(on.config.data, QUEUE_FILE), 'no database at all'.repeat(100));
    const report = await trace();
    expect(report).toMatchObject({ looks: [{ outcome: 'new' }], waiting: [] });
    expect(report.unread).toMatch(/^SqliteError/);
    expect(report.next).toBe('not known: the queues could not be read');
  });
});
