import { reading } from './at-places.ts';
import type { Edit, NewestEdit } from './book-port.ts';
import { stampedNotes } from '../model/sync-tag.ts';
import { sharingRoute } from './contact-keys.ts';
import { lateUntil, type Plan } from './compare.ts';
import type { LinkRecord } from './ledger-port.ts';
import type { Needs } from './needs.ts';
import { written } from './outcome.ts';
import { sendOutstanding } from './outbox.ts';
import type { Reading, Step, Times } from './pair-outcome.ts';
import { handOver, judgeMove, readMove, type MovePeek } from './moves.ts';
import { judgePeek, newestFor, type Peek } from './peek.ts';
import type { Operation, Outcome } from './ports.ts';
import { personLook } from './send.ts';
import type { SharedItem, SharedWrite } from './shared-port.ts';
import type { Work } from './work.ts';

/** The look that a write into a shared contact begins with; null where none is due. */
export function peekFor(
  needs: Pick<Needs, 'routes'>,
  { work, newest }: { readonly work: Work; readonly newest: ReadonlyMap<string, NewestEdit> },
): { readonly operation: Operation; readonly peek: NonNullable<Step['peek']> } | null {
  const { place, link, card, peeked } = work;
  const route = sharingRoute(needs, place);
  if (!route || peeked || link === null || link.item === null) return null;
  return {
    operation: { ...reading(needs, place), kind: 'look-at', item: link.item },
    peek: { route, newest: newestFor(newest, route, card) },
  };
}

/**
 * Contacts that a place may have already, in items of which nobody can say whose they are: they are not made there, as long as
 * that is so. Takes them out of what is planned; returns the links that say so.
 */
export async function leaveDoubtful(
  needs: Pick<Needs, 'ledger' | 'routes'>,
  active: { readonly work: Work; readonly plan: Pick<Plan, 'kind'> }[],
): Promise<LinkRecord[]> {
  const creates = active.flatMap(({ work, plan }) => {
    const route = plan.kind === 'create' ? sharingRoute(needs, work.place) : null;
    return route ? { source: route.sourceTenant, work } : [];
  });
  const declined: LinkRecord[] = [];
  for (const [source, ofSource] of Map.groupBy(creates, (one) => one.source)) {
    const pairs = ofSource.map(({ work: { place, card } }) => ({
      place: place.place,
      identity: card.identity,
    }));
    for (const { place, identity } of await needs.ledger.book.doubtful(source, pairs)) {
      const at = active.findIndex(
        ({ work }) => work.place.place === place && work.card.identity === identity,
      );
      const [found] = at === -1 ? [] : active.splice(at, 1);
      if (found) declined.push((found.work.link = declinedAt(found.work)));
    }
  }
  return declined;
}

function declinedAt({ card, place }: Work): LinkRecord {
  return {
    person: card.person,
    place: place.place,
    item: null,
    origin: 'created',
    fingerprint: null,
    revision: 0,
    state: 'declined',
    attempted: null,
    photo: null,
  };
}

type Looked = { readonly step: Step; readonly source: string } & (
  | { readonly isMove: false; readonly peek: Peek }
  | { readonly isMove: true; readonly peek: MovePeek }
);

/** What looks have shown, for each step that was one. Edits that nobody had seen are in the ledger when this returns. */
export async function settlePeeks(
  needs: Needs,
  { steps, outcomes, times }: { steps: readonly Step[]; outcomes: readonly Outcome[]; times: Times },
): Promise<ReadonlyMap<Step, Reading>> {
  const looked = steps.flatMap((step, index): Looked[] => {
    const outcome = outcomes[index];
    if (step.peek === null || outcome?.kind !== 'surveyed' || step.work.link === null) return [];
    const { place, card, link } = step.work;
    const peeked = { place, card, link, ...step.peek };
    const source = step.peek.route.sourceTenant;
    const [found] = outcome.items;
    return step.plan.kind === 'move'
      ? [{ step, isMove: true, peek: judgeMove(needs, peeked, found), source }]
      : [{ step, isMove: false, peek: judgePeek(needs, peeked, found), source }];
  });
  if (looked.length === 0) return new Map();
  const moved = await noteEdits(needs, looked);
  await askForLooks(needs, looked);
  const handed = await handOver(needs, looked);
  return new Map(
    looked.map((one) => {
      const { step, peek } = one;
      if (!one.isMove) return [step, readingOf(step, one.peek, { moved, times })];
      const isNewestNow = peek.kind === 'edited' && moved.has(nameOf(peek.edit));
      const now = times.answeredAt;
      return [step, readMove(step, one.peek, { handed: handed.get(step), isNewestNow, now })];
    }),
  );
}

async function noteEdits(needs: Needs, looked: readonly Looked[]): Promise<ReadonlySet<string>> {
  const edits = looked.flatMap(({ peek, source }) =>
    peek.kind === 'edited' || peek.kind === 'stale' ? { source, edit: peek.edit } : [],
  );
  const moved = new Set<string>();
  for (const [source, ofSource] of Map.groupBy(edits, (one) => one.source)) {
    const later = await needs.ledger.book.edited(
      source,
      ofSource.map(({ edit }) => edit),
    );
    for (const { edit } of ofSource) if (later.has(edit.identity)) moved.add(nameOf(edit));
  }
  if (moved.size > 0) await sendOutstanding(needs);
  return moved;
}

/** Which edit of a contact it was: of two that were seen together only the later one counts. */
function nameOf({ identity, place, item }: Pick<Edit, 'identity' | 'place' | 'item'>): string {
  return `${identity}|${place}|${item}`;
}

async function askForLooks(needs: Needs, looked: readonly Looked[]): Promise<void> {
  const now = needs.clock.now();
  const stale = looked.filter(({ peek }) => peek.kind === 'stale');
  if (stale.length > 0)
    await needs.changes.send(
      stale.map(({ source, step }) => personLook({ tenant: source, id: step.work.card.identity }, now)),
    );
  const elsewhere = looked.flatMap(({ peek, step }) =>
    peek.kind === 'elsewhere' ? step.work.place.place : [],
  );
  // All of it, since what was told of before is not told of again. Should nobody send for it, the keeper does within a minute.
  if (elsewhere.length > 0) await needs.ledger.audits.ask(elsewhere, 'full');
}

function readingOf(
  { work }: Step,
  peek: Peek,
  { moved, times }: { readonly moved: ReadonlySet<string>; readonly times: Times },
): Reading {
  const { card, place, link } = work;
  // Nothing is waited for here: what somebody else has to look at first comes back by itself, and that look may wait for the
  // fill to end.
  const rests: Reading = { link, copies: [], again: false, waitUntil: null };
  if (peek.kind === 'right') {
    const { item, origin, fingerprint } = peek.link;
    if (item === null || fingerprint === null) return rests;
    const context = { card, place: place.place, before: link, ...times };
    const right = written(context, { item, origin, fingerprint });
    const waitUntil = right.state === 'settling' ? lateUntil(right, times.lateness) : null;
    return { ...rests, link: right, waitUntil };
  }
  if (peek.kind === 'write') {
    work.peeked = seenAs(peek.found, peek.link.fingerprint ?? '', peek.isStamp);
    return { ...rests, link: peek.link, again: true };
  }
  if (peek.kind === 'edited' && link !== null && !moved.has(nameOf(peek.edit))) {
    // It has lost to a newer one.
    work.peeked = seenAs(peek.found, peek.print, false);
    return { ...rests, link: { ...link, fingerprint: peek.print }, again: true };
  }
  return rests;
}

function seenAs(
  { version, notes }: SharedItem,
  print: string,
  isStamp: boolean,
): NonNullable<Work['peeked']> {
  return { version, notes, print, isStamp };
}

/** What a write into a shared contact bears, where it was looked at; nothing in any other place. */
export function sharedWrite(
  needs: Pick<Needs, 'routes' | 'bodies'>,
  work: Work,
  edits: ReadonlyMap<string, NewestEdit>,
): SharedWrite {
  const { peeked, card, place } = work;
  const route = sharingRoute(needs, place);
  if (route === null) return {};
  const newest = newestFor(edits, route, card);
  const fingerprint = peeked?.isStamp === true ? peeked.print : card.fingerprint;
  const notes = newest && route.shares.stamps ? notesWith(needs, work, newest) : null;
  return {
    ...(newest ? { shown: { editedAt: newest.editedAt, fingerprint } } : {}),
    ...(peeked?.version != null ? { version: peeked.version } : {}),
    ...(notes === null ? {} : { notes }),
  };
}

/**
 * The notes of a contact with the tag; null where they are left alone. Only what was read a moment ago, and is written over by
 * nobody else meanwhile, may be written anew.
 */
function notesWith(
  { bodies }: Pick<Needs, 'bodies'>,
  { card, link, peeked }: Work,
  { editedAt }: NewestEdit,
): string | null {
  const provenance = bodies.provenanceOf(card);
  const isNew = link === null || link.item === null;
  const notes = isNew ? '' : peeked?.version != null ? peeked.notes : null;
  if (provenance === null || notes === null) return null;
  const toOriginal = link?.origin === 'linked';
  return stampedNotes(notes, { identity: card.identity, provenance, editedAt, toOriginal });
}
