import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import type { ChangesReport, TraceReport } from '../../src/run/trace/report.ts';
import { type Parts } from './fake-world.ts';
import { commandLine } from './command.ts';

const CHANGE = '019ad5c3f2a1d2c4b6a8907f5e3d1c2b';
const ANN = '5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33';

const command = commandLine();

const WRITE = {
  at: '2026-11-30T10:00:01.000Z',
  tenant: 'contoso',
  operation: 'patch',
  mailbox: 'owner-1',
  route: 'staff',
  item: 'item-1',
  identity: ANN,
  fields: ['jobTitle'],
  outcome: 'throttled',
  changes: [CHANGE],
};

const TRACE: TraceReport = {
  at: '2026-11-30T10:02:00.000Z',
  change: CHANGE,
  arrived: '2026-11-30T10:00:00.000Z',
  about: { tenant: 'contoso', kind: 'user', object: ANN },
  together: ['0'.repeat(31) + '1'],
  looks: [
    { at: '2026-11-30T10:00:00.100Z', outcome: 'failed', fault: 'throttled 429', causes: ['notification'] },
    { at: '2026-11-30T10:00:00.900Z', outcome: 'new', fault: null, causes: ['notification'] },
  ],
  writes: {
    mailboxes: 2,
    first: '2026-11-30T10:00:00.950Z',
    last: WRITE.at,
    counts: [
      { operation: 'patch', outcome: 'done', count: 1 },
      { operation: 'patch', outcome: 'throttled', count: 1 },
    ],
    open: [WRITE],
    list: [WRITE],
    more: false,
  },
  waiting: [
    {
      queue: 'writes',
      tenant: 'contoso',
      slab: 3,
      due: '2026-11-30T10:05:00.000Z',
      held: false,
      attempts: 1,
    },
    { queue: 'changes', tenant: 'contoso', slab: null, due: WRITE.at, held: true, attempts: 2 },
  ],
  unread: null,
  lookedAt: null,
  givenUp: [{ id: 'a1b2', reason: 'forbidden: 403', next: 'tried again' }],
  cards: [{ job: 'staff', route: 'staff', state: 'shown', revision: 7, fannedOut: 6, halt: 'paused' }],
  next: 'nothing while it is paused',
};

const CHANGES: ChangesReport = {
  at: TRACE.at,
  object: ANN,
  keptSince: '2026-10-31T10:00:00.000Z',
  changes: [
    {
      change: CHANGE,
      arrived: TRACE.arrived,
      lookedAt: TRACE.arrived,
      tenant: 'contoso',
      kind: 'user',
      object: ANN,
      outcome: 'nothing',
      causes: ['notification', 'sweep'],
    },
  ],
};

describe('trace', () => {
  test('follows a change line by line', async () => {
    const { code, stdout } = await command(`trace ${CHANGE}`, { traceChange: () => Promise.resolve(TRACE) });
    expect([code, stdout]).toEqual([
      0,
      `Change ${CHANGE}: user ${ANN} of contoso
  arrived 2026-11-30T10:00:00.000Z
  together with 00000000000000000000000000000001
  looked at 2026-11-30T10:00:00.100Z: failed: throttled 429 (notification)
  looked at 2026-11-30T10:00:00.900Z: something new (notification)
  written in 2 mailboxes, from 2026-11-30T10:00:00.950Z to 2026-11-30T10:00:01.000Z: patch done 1, patch throttled 1
  not done: staff, mailbox owner-1: patch: throttled at 2026-11-30T10:00:01.000Z
  in the queue writes: contoso, slab 3: due 2026-11-30T10:05:00.000Z, tried 1 time so far
  in the queue changes: contoso: in hand, tried 2 times so far
  given up (a1b2): forbidden: 403
  now in staff: shown, revision 7, sent to the mailboxes up to 6; paused
  next: nothing while it is paused
`,
    ]);
  });

  test('takes the id as it stands in a traceparent, in capitals too, and prints one document', async () => {
    const asked: string[] = [];
    const traceChange: Parts['traceChange'] = (_config, _surroundings, { change }) => {
      asked.push(change);
      return Promise.resolve(TRACE);
    };
    const given = `00-${CHANGE.toUpperCase()}-00f067aa0ba902b7-01`;
    const { code, stdout } = await command(`trace ${given} --json`, { traceChange });
    expect([code, asked, JSON.parse(stdout)]).toEqual([0, [CHANGE], TRACE]);
  });

  test('says what it could not look at, with 1 where queues could not be read', async () => {
    const nothing = { mailboxes: 0, first: null, last: null, counts: [], open: [], list: [], more: false };
    const report = { ...TRACE, about: null, writes: nothing, unread: 'unavailable: away', lookedAt: 2_000 };
    const { code, stdout } = await command(`trace ${CHANGE}`, { traceChange: () => Promise.resolve(report) });
    expect(code).toBe(1);
    expect(stdout).toContain(`Change ${CHANGE}\n`);
    expect(stdout).toContain('  nothing is on record as written for it\n');
    expect(stdout).toContain('  the queues cannot be read: unavailable: away\n');
    expect(stdout).toContain('  of a queue only the first 2000 messages were looked at\n');
  });

  test('names no more mailboxes than somebody reads, and says that there are more', async () => {
    const open = Array.from({ length: 30 }, (_, index) => ({ ...WRITE, mailbox: `owner-${index}` }));
    const report = { ...TRACE, writes: { ...TRACE.writes, open } };
    const { stdout } = await command(`trace ${CHANGE}`, { traceChange: () => Promise.resolve(report) });
    expect(stdout.match(/not done/g)).toHaveLength(20);
    expect(stdout).toContain('more than is shown here');
  });

  test('lists the changes of an object', async () => {
    const asked: string[] = [];
    const latestChanges: Parts['latestChanges'] = (_config, _surroundings, object) => {
      asked.push(object);
      return Promise.resolve(CHANGES);
    };
    const { code, stdout } = await command(`trace ${ANN.toUpperCase()}`, { latestChanges });
    expect([code, asked, stdout]).toEqual([
      0,
      [ANN],
      `${CHANGE}  2026-11-30T10:00:00.000Z  user of contoso: nothing new (notification, sweep)\n`,
    ]);
    const json = await command(`trace ${ANN} --json`, { latestChanges });
    expect(JSON.parse(json.stdout)).toEqual(CHANGES);
    const none = await command(`trace ${ANN}`, {
      latestChanges: () => Promise.resolve({ ...CHANGES, changes: [] }),
    });
    expect([none.code, none.stdout]).toEqual([
      1,
      `No change of ${ANN} was looked at since 2026-10-31T10:00:00.000Z, and nothing older is kept.\n`,
    ]);
  });

  test.each(['ann@contoso.com', 'abc', `${CHANGE}0`, 'Ann'])('refuses %s', async (given) => {
    const { code, stderr } = await command(`trace ${given}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^contact-sync: neither the id of a change .*explain/);
  });

  test('says why nothing is known', async () => {
    const fault = new Fault('not-found', 'nothing is known of change x: it is elsewhere');
    const { code, stdout, stderr } = await command(`trace ${CHANGE}`, {
      traceChange: () => Promise.reject(fault),
    });
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      'contact-sync: nothing is known of change x: it is elsewhere\n',
    ]);
  });
});
