import type { PlanReport } from '../../src/run/plan-report.ts';

export const PLAN: PlanReport = {
  jobs: [
    {
      job: 'staff',
      halt: null,
      people: 500,
      mailboxes: 50,
      create: 50,
      adopt: 7,
      change: 50,
      remove: 0,
      look: 0,
      hold: 1,
      requests: 5,
      rows: [
        { kind: 'person', id: 'id-1', action: 'create', contacts: 50, fields: null, reason: null },
        {
          kind: 'person',
          id: 'id-2',
          action: 'change',
          contacts: 50,
          fields: ['jobTitle', 'mobilePhone'],
          reason: null,
        },
        { kind: 'person', id: 'id-3', action: 'hold', contacts: 0, fields: null, reason: 'too many, really' },
      ],
    },
  ],
  leftovers: [
    {
      tenant: 'contoso',
      mailboxes: 50,
      unread: [{ reason: 'ErrorAccessDenied', mailboxes: 1 }],
      toldFrom: 2,
      names: [
        {
          name: '=Old\u001b[2J "GAL"',
          madeBy: 'somebody',
          mailboxes: 2,
          contacts: 700,
          folders: [
            { mailbox: 'owner-1', folder: 'AAMk1=', contacts: 700 },
            { mailbox: 'owner-2', folder: 'AAMk2=', contacts: null },
          ],
        },
      ],
      others: 3,
    },
  ],
  missingGroups: [],
  unread: 0,
  httpRequests: 31,
  seconds: 2,
};
