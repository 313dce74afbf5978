import { expect } from 'vitest';
import type { MembershipRound } from '../../src/engine/ledger-books.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { TENANT } from './ledger-setup.ts';

type Difference = MembershipRound['differences'][number];

/** People are written small, groups large. */
function members(names: string): Difference['joined'] {
  return names.split('').map((id) => ({ id, kind: id === id.toUpperCase() ? 'group' : 'person' }));
}

export function difference(group: string, joined: string, left = ''): Difference {
  return { group, gone: false, joined: members(joined), left: left.split('') };
}

export function deleted(group: string): Difference {
  return { group, gone: true, joined: [], left: [] };
}

export function round(
  groups: string,
  differences: Difference[],
  more: Partial<MembershipRound> = {},
): MembershipRound {
  return {
    tenant: TENANT,
    bundle: 'b1',
    groups: groups.split(''),
    full: false,
    differences,
    token: 't',
    at: 5,
    ...more,
  };
}

export async function drain(ledger: Ledger): Promise<string[]> {
  const entries = await ledger.outbox.read(1_000);
  await ledger.outbox.sent(entries.map((entry) => entry.entry));
  for (const entry of entries) {
    expect(entry).toMatchObject({ tenant: TENANT, cause: 'membership', at: 5 });
    expect(entry.kind).toBe(entry.id === entry.id.toUpperCase() ? 'group' : 'user');
  }
  return entries.map((entry) => entry.id).toSorted();
}

export async function groupsOf(ledger: Ledger, person: string): Promise<string> {
  const groups = await ledger.memberships.groupsOf(TENANT, [person]);
  return [...(groups.get(person) ?? ['no answer'])].toSorted().join('');
}

/** A ledger that tracks these groups with these members, and an empty outbox. */
export async function tracking(ledger: Ledger, groups: Record<string, string>): Promise<Ledger> {
  const names = Object.keys(groups);
  await ledger.memberships.track(TENANT, names, 'group');
  const differences = names.map((group) => difference(group, groups[group] ?? ''));
  await ledger.memberships.apply(round(names.join(''), differences, { full: true }));
  await drain(ledger);
  return ledger;
}
