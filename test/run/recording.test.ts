import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import type { Operation, Outcome, Target } from '../../src/engine/ports.ts';
import type { RecordedWrite } from '../../src/engine/record-port.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { Fault } from '../../src/model/fault.ts';
import { printsUnder } from '../../src/run/prints.ts';
import { hubsOf, readsOfHubs, recording } from '../../src/run/recording.ts';
import { bookOf } from '../../src/model/book.ts';
import { createBook, type BookOptions } from '../../src/sources/book.ts';
import { mirrorRoutes } from '../../src/jobs/mirror.ts';
import { MINIMAL, read } from '../kit/config-fixture.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const HUB = '9c4e33aa-0b7e-4f5e-bd0d-3a8f6a9c4e33';
const TEXT = `${MINIMAL}  shared:
    kind: mirror
    tenant: contoso
    members: { mailboxes: licensed }
    hub: { mailbox: ${HUB} }
`;
const config = read(TEXT);
const reads = hubsOf(config.jobs.flatMap((job) => (job.kind === 'mirror' ? mirrorRoutes(job) : [])));

const at = { mailbox: 'owner', route: 'staff', folder: 'folder' };
const mark = { route: 'staff', identity: 'ann' };
const card = { displayName: 'Ann Secret', mobilePhone: '+49 151 1110000' };
const create: Operation = { ...at, kind: 'create', mark, card, refersTo: null };
const survey = (route: string): Operation => ({ ...at, route, kind: 'survey', fields: [] });
const done: Outcome = { kind: 'done' };
const fault = (kind: Fault['kind']): Outcome => ({
  kind: 'fault',
  fault: new Fault(kind, 'said of Ann Secret'),
});

let ledger: Ledger;
beforeEach(async () => {
  ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
});
afterEach(() => ledger.close());

/** A target that answers so, with what was on record at the time. */
function answering(...outcomes: readonly Outcome[]): Target {
  const spare = { operations: 1, idle: 1, askAt: 0 };
  return { apply: () => Promise.resolve([...outcomes]), spare: () => Promise.resolve(spare) };
}

const over = (target: Target): Target =>
  recording(target, { record: ledger.record, clock: new VirtualClock({ now: 7 }), tenant: 'contoso', reads });

async function onRecord(): Promise<readonly RecordedWrite[]> {
  const portions = await ledger.record.portions({ before: null, since: 0 });
  return portions.flatMap(({ writes }) => writes);
}

describe('what is written', () => {
  test('is on record with ids and names of fields, in one portion, and with no value of anybody', async () => {
    const operations: Operation[] = [
      create,
      {
        ...at,
        kind: 'patch',
        item: 'item-2',
        card: { jobTitle: 'Secret' },
        mark,
        adopt: null,
        refersTo: null,
      },
      { ...at, kind: 'remove', item: 'item-3', identity: 'bob' },
      { ...at, kind: 'picture', item: 'item-4', jpeg: new Uint8Array(3), identity: 'bob' },
      { ...at, kind: 'clear-folder' },
    ];
    const outcomes: Outcome[] = [
      { kind: 'written', item: 'item-1', card },
      fault('unknown-outcome'),
      done,
      fault('throttled'),
      done,
    ];
    expect(await over(answering(...outcomes)).apply(operations, 'live')).toEqual(outcomes);
    const portions = await ledger.record.portions({ before: null, since: 0 });
    expect(portions).toHaveLength(1);
    expect(portions[0]).toMatchObject({ at: 7, tenant: 'contoso' });
    const writes = await onRecord();
    const short = writes.map(({ operation, item, identity, fields, outcome }) => {
      return [operation, item, identity, fields.join(), outcome];
    });
    expect(short).toEqual([
      ['create', 'item-1', 'ann', 'displayName,mobilePhone', 'done'],
      ['patch', 'item-2', 'ann', 'jobTitle', 'unknown-outcome'],
      ['remove', 'item-3', 'bob', '', 'done'],
      ['picture', 'item-4', 'bob', 'photo', 'throttled'],
      ['clear-folder', null, null, '', 'done'],
    ]);
    expect(JSON.stringify(writes)).not.toMatch(/Secret|151/);
  });

  test('is on record before anybody learns of it: when that fails, the outcome is not known either', async () => {
    const target = answering(done);
    await ledger.close();
    await expect(
      over(target).apply([{ ...at, kind: 'remove', item: 'item', identity: 'ann' }], 'live'),
    ).rejects.toThrow();
    ledger = await openLedger({ database: new SqliteDatabase(':memory:') });
  });

  test('what was stopped before it was sent is not on record, and what is looked up by its mark is', async () => {
    const find: Operation = { ...at, kind: 'find', mark, fields: [] };
    await over(answering(fault('paused'), { kind: 'items', items: [] })).apply([create, find], 'live');
    expect((await onRecord()).map(({ operation, identity }) => [operation, identity])).toEqual([
      ['find', 'ann'],
    ]);
  });
});

describe('what is read', () => {
  const surveyed: Outcome = { kind: 'surveyed', items: [] };

  test('is on record of the folder that is in the middle, and nowhere else', async () => {
    expect([...reads]).toEqual(['shared/in']);
    const operations = [survey('shared/in'), survey('shared/out'), survey('staff')];
    await over(answering(surveyed, surveyed, surveyed)).apply(operations, 'bulk');
    await over(answering(surveyed)).apply([survey('shared/out')], 'bulk');
    expect((await onRecord()).map(({ operation, route }) => [operation, route])).toEqual([
      ['survey', 'shared/in'],
    ]);
  });

  test('one contact at a time, where its newest edit stands there', async () => {
    const note = readsOfHubs({ config, clock: new VirtualClock({ now: 7 }), record: ledger.record });
    await note(bookOf('contoso', 'shared'), [
      { owner: HUB, item: 'item-1', identity: 'joe' },
      { owner: 'member', item: 'item-2', identity: 'joe' },
    ]);
    expect(await onRecord()).toEqual([
      {
        operation: 'read',
        mailbox: HUB,
        route: 'shared/in',
        item: 'item-1',
        identity: 'joe',
        fields: [],
        outcome: 'done',
        changes: [],
      },
    ]);
    const compliance = { ...config.compliance, record: { days: 0 } };
    const none = readsOfHubs({
      config: { ...config, compliance },
      clock: new VirtualClock({ now: 7 }),
      record: ledger.record,
    });
    await none(bookOf('contoso', 'shared'), [{ owner: HUB, item: 'item-3', identity: 'joe' }]);
    expect(await onRecord()).toHaveLength(1);
  });

  test('of each book for itself, where several have one mailbox in the middle', async () => {
    const text = `  other:
    kind: mirror
    tenant: contoso
    members: { mailboxes: licensed }
    hub: { mailbox: ${HUB}, folder: Other }
`;
    const both = read(`${TEXT}${text}`);
    const note = readsOfHubs({ config: both, clock: new VirtualClock({ now: 7 }), record: ledger.record });
    await note(bookOf('contoso', 'shared'), [{ owner: HUB, item: 'item-1', identity: 'joe' }]);
    await note('contoso', [{ owner: HUB, item: 'item-2', identity: 'joe' }]);
    expect((await onRecord()).map(({ route, item }) => [route, item])).toEqual([['shared/in', 'item-1']]);
  });

  test('is not on record where nothing was answered', async () => {
    const at = { place: 1, owner: HUB, folder: null, identity: 'joe', editedAt: 1 };
    const newest = [
      { ...at, item: 'item-gone' },
      { ...at, item: 'item-read', identity: 'eve' },
    ];
    const noted: string[] = [];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a look at these takes nothing else of them
    const parts = {
      packer: {
        call: ({ url }: { url: string }) =>
          url.includes('item-read')
            ? { status: 200, body: { id: 'item-read', lastModifiedDateTime: '2026-11-30T12:00:00Z' } }
            : Promise.reject(new Fault('not-found', 'gone')),
      },
      ledger: {
        book: { newest: async () => newest, edited: async () => {} },
        mailboxes: { resting: async () => new Map() },
        audits: { ask: async () => {} },
      },
    } as unknown as Pick<BookOptions, 'packer' | 'ledger'>;
    const book = createBook({
      ...parts,
      clock: new VirtualClock({ now: 7 }),
      source: bookOf('contoso', 'shared'),
      fields: ['displayName'],
      isPrivate: () => false,
      stamps: false,
      ...printsUnder(new Uint8Array(32)),
      noteReads: async (all) => void noted.push(...all.map(({ item }) => item)),
    });
    const seen = await book.look(['joe', 'eve']);
    expect(seen.get('joe')).toMatchObject({ kind: 'unread' });
    expect(noted).toEqual(['item-read']);
  });
});
