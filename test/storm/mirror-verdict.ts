import { createHash } from 'node:crypto';
import type { Village } from '../engine/village.ts';
import type { User } from '../tenant/directory/objects.ts';
import { markOf, type Fields, type Item } from '../tenant/mailbox/item.ts';
import { differences, meddledWith } from '../tenant/shared-fields.ts';
import type { MirrorPlan } from './mirror-plan.ts';
import { addressOf, type Acquaintance, type Villagers } from './villagers.ts';

/** Holds mailboxes against what people did in them. */
export interface MirrorSight {
  readonly village: Village;
  readonly villagers: Villagers;
  readonly plan: MirrorPlan;
  /** What the ledger had learnt of deletions and locks is lost with it. */
  readonly isForgetful: boolean;
  /** The notes get their tags. */
  readonly stamps: boolean;
}

/** What is wrong, in ids and counts; duplicates are counted apart. */
interface MirrorVerdict {
  readonly wrong: readonly string[];
  readonly duplicates: number;
}

export function judgeMailboxes(sight: MirrorSight): MirrorVerdict {
  const { village, villagers, plan } = sight;
  const verdict = { wrong: [] as string[], duplicates: 0 };
  for (const known of villagers.known.values()) {
    const shown: Item[] = [];
    for (const owner of village.all()) {
      const found = villagers.standing(owner, known.address);
      if (keepsToThemselves(known, owner)) continue;
      if (found.length > 1) verdict.duplicates += 1;
      shown.push(...found);
      verdict.wrong.push(...presence(sight, { known, owner, found }));
    }
    // Of one that was deleted everywhere only what people wrote themselves is left: each reads as it will.
    if (plan.onDelete !== 'everywhere' || known.deleters.size === 0)
      verdict.wrong.push(...content(known, shown));
  }
  for (const owner of village.all())
    for (const item of village.items(owner)) verdict.wrong.push(...trespasses(sight, owner, item));
  return verdict;
}

function keepsToThemselves({ lockers, isWithdrawn, originals }: Acquaintance, { id }: User): boolean {
  // One that two wrote down is shared by the other one, or is not: that depends on who was met first.
  return lockers.has(id) || (isWithdrawn && originals.size > 1);
}

function presence(
  { plan, isForgetful }: MirrorSight,
  { known, owner, found }: { known: Acquaintance; owner: User; found: readonly Item[] },
): string[] {
  const about = `${known.address} ${owner.id}`;
  const copies = found.filter((item) => !known.originals.has(item));
  if (known.isWithdrawn) return copies.length > 0 && !isForgetful ? [`still shared ${about}`] : [];
  const { deleters } = known;
  if (plan.onDelete === 'everywhere' && deleters.size > 0) {
    const kept = [...known.originals].filter(([, by]) => by === owner.id);
    if (kept.some(([item]) => !found.includes(item))) return [`original gone ${about}`];
    return copies.length > 0 && !isForgetful ? [`deleted, and still there ${about}`] : [];
  }
  const isDeclined = plan.onDelete === 'keep' && deleters.has(owner.id);
  if (isDeclined) return found.length > 0 && !isForgetful ? [`came back ${about}`] : [];
  return found.length === 0 ? [`missing ${about}`] : [];
}

/** All of them show the same, and that is the newest edit. */
function content(known: Acquaintance, shown: readonly Item[]): string[] {
  const [first] = shown;
  if (!first || known.isWithdrawn) return [];
  const apart = shown.filter((item) => differences(first.content.fields, item).length > 0);
  if (apart.length > 0) return [`apart ${known.address} ${fieldsApart(first.content.fields, apart)}`];
  const wanted = known.fields === undefined ? [] : [known.fields, ...known.or];
  const isRight = wanted.length === 0 || wanted.some((fields) => differences(fields, first).length === 0);
  return isRight ? [] : [`edit lost ${known.address} ${differences(known.fields ?? {}, first).join(',')}`];
}

function fieldsApart(fields: Fields, items: readonly Item[]): string {
  return [...new Set(items.flatMap((item) => differences(fields, item)))].join(',');
}

/** Nobody else's notes, and nothing that is private. */
function trespasses({ villagers, stamps }: MirrorSight, owner: User, item: Item): string[] {
  // Whoever leaves tags in them looks at notes line by line.
  const meddled = meddledWith(villagers.written.get(item) ?? {}, item).filter(
    (name) => !stamps || name !== 'personalNotes',
  );
  const isLeaked = villagers.secrets.has(addressOf(item)) && !villagers.written.has(item);
  return [
    ...meddled.map((name) => `${name} travelled ${addressOf(item)} ${owner.id}`),
    ...(isLeaked ? [`private ${addressOf(item)} ${owner.id}`] : []),
  ];
}

/** Contacts that have gone from mailboxes of which nobody has deleted them: so many the guard has let go. */
export function lostByService({ village, villagers }: MirrorSight): number {
  return [...villagers.known.values()].filter((known) =>
    village
      .all()
      .some(
        (owner) =>
          !known.deleters.has(owner.id) &&
          !known.lockers.has(owner.id) &&
          villagers.standing(owner, known.address).length === 0,
      ),
  ).length;
}

/** After the job was taken back: what people wrote is theirs again, as it reads now, and nothing of ours is left. */
export function judgeReverted(sight: MirrorSight, before: ReadonlyMap<Item, Fields>): string[] {
  const { village, villagers } = sight;
  const wrong: string[] = [];
  for (const owner of village.members) {
    const items = new Set(village.items(owner));
    for (const item of items) {
      if (markOf(item.content)?.includes('/shared/'))
        wrong.push(`still marked ${addressOf(item)} ${owner.id}`);
      const read = before.get(item);
      if (read && differences(read, item).length > 0) wrong.push(`changed ${addressOf(item)} ${owner.id}`);
      wrong.push(...trespasses(sight, owner, item));
    }
    for (const { address, originals } of villagers.known.values())
      for (const [item, by] of originals)
        if (by === owner.id && !items.has(item)) wrong.push(`original gone ${address} ${owner.id}`);
  }
  return wrong;
}

/** Requests by operation, and what every mailbox ends with. */
export function traceOf(village: Village): string {
  const hash = createHash('sha256').update(JSON.stringify([...village.tenant.counts]));
  for (const owner of village.members)
    hash.update(JSON.stringify(village.items(owner).map(({ content }) => content)));
  return hash.digest('hex');
}
