import { subjectKey } from '../../src/engine/setback-book.ts';
import { setbackKind } from '../../src/ledger/codes.ts';
import type { Disk } from './world.ts';

interface Row {
  readonly kind: number;
  readonly tenant: string;
  readonly slab: number;
  readonly mailbox: string;
  readonly route: string;
  readonly object: string;
  readonly reason: string;
}

/** Work and contacts that the ledger still names as failed, and messages that nobody could read. */
export function setbacksIn({ ledger, queue }: Disk): string[] {
  // What waits for a mailbox that cannot be used at the moment waits with everything else that is to happen there.
  const rows = ledger
    .prepare<[], Row>(
      `SELECT s.* FROM setbacks s LEFT JOIN mailboxes m ON m.tenant = s.tenant AND m.owner = s.mailbox
       WHERE m.reason IS NULL`,
    )
    .all();
  const unread = queue
    .prepare<[], string>('SELECT reason FROM changes_dead UNION ALL SELECT reason FROM writes_dead')
    .pluck();
  return [
    ...rows
      .map((row) => ({ ...row, kind: setbackKind.word(row.kind) }))
      // A name that an owner has taken is theirs to give free.
      .filter(({ kind }) => kind !== 'folder')
      .map((row) => `${subjectKey(row)} ${row.reason}`),
    ...unread.all(),
  ];
}
