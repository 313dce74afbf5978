import { describe, expect, test } from 'vitest';
import { DataFolderFault } from '../../src/kit/data-folder-fault.ts';
import { Fault } from '../../src/model/fault.ts';
import type { ExplainedJob, ExplainReport } from '../../src/run/explain/report.ts';
import { type Parts } from './fake-world.ts';
import { commandLine } from './command.ts';

const command = commandLine();

const looked = { read: 'present', fault: null, conditions: [], heldSince: null, heldBecause: null } as const;
const JOB: ExplainedJob = {
  job: 'staff',
  route: 'staff',
  shared: false,
  answer: 'still in this mailbox: the person is not shown',
  next: 'the guard holds the removal',
  unread: false,
  halt: null,
  throttled: [{ tenant: 'contoso', scope: 'source', until: '2026-11-20T12:01:00.000Z' }],
  person: {
    ...looked,
    id: 'ann',
    conditions: [
      { rule: 'groups', asks: 'one of g1, g2', met: true, through: ['g1'] },
      { rule: 'disabled', asks: 'the account is not disabled', met: false, through: [] },
    ],
    heldSince: '2026-11-20T10:00:00.000Z',
    heldBecause: 'more removals in 24 hours than the guard allows',
    outcome: 'leaves',
    keptOut: null,
    card: { state: 'held', revision: 3, fannedOut: 3, known: false },
  },
  mailbox: {
    ...looked,
    id: 'bob',
    outcome: 'stays',
    state: 'parked',
    reason: 'ErrorAccessDenied',
    notBefore: '2026-11-20T13:00:00.000Z',
    place: { state: 'active', folder: 'there', trusted: false, filled: false, adopted: false },
  },
  contact: {
    own: false,
    wanted: true,
    plan: 'find',
    link: { state: 'patching', origin: 'created', revision: 2, attempted: '2026-11-20T11:00:00.000Z' },
    restsUntil: '2026-11-20T14:00:00.000Z',
    verifiedAt: null,
    healed: 1,
  },
  fields: {
    filled: ['displayName', 'jobTitle'],
    empty: ['mobilePhone'],
    withheld: ['mobilePhone'],
    found: 'there',
    fault: null,
    copies: 1,
    differing: ['jobTitle'],
  },
  setbacks: [
    {
      kind: 'contact',
      tenant: 'contoso',
      mailbox: 'bob',
      route: 'staff',
      object: 'ann',
      slab: 0,
      reason: 'conflict',
      since: '2026-11-20T10:00:00.000Z',
      at: '2026-11-20T11:00:00.000Z',
      times: 3,
      nextTry: '2026-11-20T14:00:00.000Z',
    },
  ],
};
const REPORT: ExplainReport = {
  at: '2026-11-20T12:00:00.000Z',
  jobs: [JOB],
  notTakenUp: ['guests'],
  withdrawn: ['old'],
  sweeps: [{ tenant: 'contoso', lastSweep: null }],
  httpRequests: 3,
};
const reporting = (report: ExplainReport) => (): Promise<ExplainReport> => Promise.resolve(report);

describe('explain', () => {
  test('prints rule by rule what is known, for people, or one document', async () => {
    const { code, stdout } = await command('explain ann bob', { explain: reporting(REPORT) });
    expect(code).toBe(0);
    expect(stdout).toBe(`Job staff: still in this mailbox: the person is not shown
  next: the guard holds the removal
  throttled: contoso (source) asked to wait until 2026-11-20T12:01:00.000Z
  person ann: present
    yes  groups: one of g1, g2 (in g1)
    NO   disabled: the account is not disabled
    removal held since 2026-11-20T10:00:00.000Z: more removals in 24 hours than the guard allows
    card in the ledger: held, revision 3, sent to the mailboxes up to 3
  mailbox bob: present
    parked, ErrorAccessDenied, not before 2026-11-20T13:00:00.000Z, place active, folder there, not filled yet, its contacts are to be read first
  contact: patching, created, at revision 2, a write of 2026-11-20T11:00:00.000Z has no answer; planned: find
    not tried again before 2026-11-20T14:00:00.000Z
    the mailbox was last verified: never yet; a difference was found 1 time
  in the mailbox now: there
    filled: displayName, jobTitle
    empty: mobilePhone
    withheld by optOut: mobilePhone
    different in the mailbox: jobTitle
  without success: contact contoso mailbox bob of staff ann: conflict (3 times since 2026-11-20T10:00:00.000Z, next try 2026-11-20T14:00:00.000Z)

Last sweep of contoso: none yet
Job guests: the service does not work on it yet; the next start takes it up
Job old: it left the configuration, and what it put into this mailbox is taken back
`);
    const json = await command('explain ann bob --json', { explain: reporting(REPORT) });
    expect(JSON.parse(json.stdout)).toEqual(REPORT);
  });

  test('hands over whom it is about, and a mailbox only where one is named', async () => {
    const asked: unknown[] = [];
    const explain: Parts['explain'] = (_config, _surroundings, about) => {
      asked.push(about);
      return Promise.resolve(REPORT);
    };
    await command('explain ann@contoso.com bob@contoso.com', { explain });
    await command('explain ann', { explain });
    expect(asked).toEqual([
      { person: 'ann@contoso.com', mailbox: 'bob@contoso.com' },
      { person: 'ann', mailbox: null },
    ]);
    expect(await command('explain', { explain })).toMatchObject({ code: 2, stdout: '' });
  });

  test('exits with 1 when something could not be read', async () => {
    const person = {
      ...JOB.person,
      read: 'failed',
      fault: 'forbidden: Authorization_RequestDenied',
    } as const;
    const unread = { ...REPORT, jobs: [{ ...JOB, unread: true, person }] };
    const { code, stdout } = await command('explain ann bob', { explain: reporting(unread) });
    expect(code).toBe(1);
    expect(stdout).toContain('  person ann: failed (forbidden: Authorization_RequestDenied)\n');
  });

  test.each([
    [new Fault('not-found', 'nobody is called so', {}), 'nobody is called so'],
    [new Fault('invalid', 'no job shows people in mailboxes', {}), 'no job shows people in mailboxes'],
    [new Fault('unauthorized', 'the token was refused', {}), 'check tenantId, clientId'],
    [new DataFolderFault('there is no data in /x yet'), 'there is no data in /x yet'],
  ])('says in one line what stands in the way: %s', async (fault, words) => {
    const { code, stdout, stderr } = await command('explain ann bob', {
      explain: () => Promise.reject(fault),
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
