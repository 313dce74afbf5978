import { benchBulkLoad } from './bulk-load.ts';
import { benchBus } from './bus-figures.ts';
import { benchFirstFill } from './first-fill.ts';
import type { Figure } from './figure.ts';
import { benchIdleSweep } from './idle-sweep.ts';
import { benchOneChange } from './one-change.ts';
import { benchBusy, benchFaults, benchJoiners, benchLargeFills } from './pace-figures.ts';
import { benchCpu, benchSize } from './process-figures.ts';
import { benchReceiverFigures } from './receiver-figures.ts';
import { benchPhotoSweep } from './photo-sweep.ts';
import { benchRevert } from './revert.ts';
import { benchWorkers } from './workers-figures.ts';

export interface Bench {
  readonly name: string;
  /** For help and progress. */
  readonly what: string;
  readonly run: () => Promise<Figure[]>;
}

/** One after the other, so that none is measured in another's way. */
export const benches: readonly Bench[] = [
  {
    name: 'change',
    what: 'one changed person, 50 and 2,000 mailboxes: HTTP requests',
    run: async () => [await benchOneChange(50), await benchOneChange(2_000)],
  },
  {
    name: 'sweep',
    what: 'a quiet night over 10,000 people: HTTP requests (a minute)',
    run: async () => [await benchIdleSweep({ people: 10_000, mailboxes: 20, teams: 40, changed: 5 })],
  },
  {
    name: 'pictures',
    what: 'a quiet night over 10,000 people with pictures: HTTP requests (two minutes)',
    run: () => benchPhotoSweep({ people: 10_000, mailboxes: 2 }),
  },
  {
    name: 'fill',
    what: 'first fill, 500 x 50 and 2,000 x 20: HTTP requests',
    run: async () => [
      await benchFirstFill({ people: 500, mailboxes: 50 }),
      await benchFirstFill({ people: 2_000, mailboxes: 20 }),
    ],
  },
  {
    name: 'joiner',
    what: 'a joiner to 10,000 mailboxes, and to 200 under swift: HTTP requests, virtual time (20 s)',
    run: benchJoiners,
  },
  {
    name: 'busy',
    what: 'a live change behind a running fill; 1,000 people at once: virtual time, HTTP requests (a minute)',
    run: benchBusy,
  },
  {
    name: 'large',
    what: '10,000 x 10,000 in small with all limits, by marks: virtual time, refusals (a minute)',
    run: benchLargeFills,
  },
  {
    name: 'goodput',
    what: 'one call in twenty refused or lost: share of what is allowed',
    run: benchFaults,
  },
  {
    name: 'revert',
    what: 'revert of 10,000 mailboxes of 10,000 contacts: HTTP requests, simulated seconds (minutes)',
    run: () => benchRevert({ mailboxes: 10_000, contacts: 10_000 }),
  },
  {
    name: 'receiver',
    what: 'share of a bare server, fsyncs a notification, p99 on a slow disk (half a minute)',
    run: benchReceiverFigures,
  },
  {
    name: 'bus',
    what: 'through the double of Service Bus: messages a second in order, p99 of a 202 (a minute)',
    run: benchBus,
  },
  {
    name: 'workers',
    what: 'a change in 2,000 mailboxes by two workers, against one (five minutes)',
    run: benchWorkers,
  },
  {
    name: 'cpu',
    what: 'CPU per contact written, against a bare loop (a minute)',
    run: async () => [await benchCpu({ people: 2_000, mailboxes: 50 })],
  },
  {
    name: 'load',
    what: 'a million links in bulk into PostgreSQL and SQLite: links a second, bytes (two minutes)',
    run: () => benchBulkLoad({ people: 10_000, mailboxes: 100 }),
  },
  // Its last minutes are spent waiting: a mailbox takes 10,000 requests in ten minutes, and is to hold 10,000 contacts.
  {
    name: 'size',
    what: 'a million links: bytes of ledger, memory of the service (a quarter of an hour)',
    run: () => benchSize({ people: 10_000, mailboxes: 100 }),
  },
];
