import type { Book } from '../../src/engine/book-port.ts';
import type { GuardBook } from '../../src/engine/guard-port.ts';
import type { LinkRecord } from '../../src/engine/ledger-port.ts';
import type { Operation, Outcome, Target } from '../../src/engine/ports.ts';
import type { Parts } from '../../src/run/assemble.ts';
import type { MirrorPlan } from './mirror-plan.ts';
import { over } from './mutants-of-queues.ts';
import { withoutPrivacy, withoutTags } from './mutants-of-wires.ts';
import type { Mutant } from './mutants.ts';

/** Nothing goes wrong but what the rule is for. */
const CALM: Partial<MirrorPlan> = {
  faults: {},
  staleMs: 0,
  mailboxStaleMs: 0,
  normalises: false,
  onDelete: 'keep',
  guard: { count: 1_000, percent: 100 },
  bustle: 0,
  reverts: false,
  folder: 'never',
  writesBeside: 0,
};

export const mirror = (name: string, mutant: Omit<Mutant, 'name' | 'job'>): Mutant => ({
  name: `${name}, among mailboxes that share`,
  job: 'mirror',
  ...mutant,
  mirror: { ...CALM, ...mutant.mirror },
});

/** Over the book of contacts. */
const book =
  (change: (book: Book, parts: Parts) => Partial<Book>) =>
  (parts: Parts): Parts => {
    const { ledger } = parts;
    return { ...parts, ledger: { ...ledger, book: { ...ledger.book, ...change(ledger.book, parts) } } };
  };

/** Over what mailboxes answer. */
const answers =
  (change: (outcome: Outcome, operation: Operation) => Outcome) =>
  (parts: Parts): Parts => ({
    ...parts,
    targets: new Map([...parts.targets].map(([key, target]) => [key, answering(target, change)])),
  });

function answering(target: Target, change: (outcome: Outcome, operation: Operation) => Outcome): Target {
  return {
    spare: () => target.spare(),
    apply: async (operations, urgency) =>
      (await target.apply(operations, urgency)).map((outcome, index) => {
        const operation = operations[index];
        return operation ? change(outcome, operation) : outcome;
      }),
  };
}

/** An edit counts from when the service hears of it, not from when it was made. */
const heardLastWins = mirror('whoever is heard last wins', {
  mode: 'A',
  near: 5,
  mirror: { faults: { notificationLost: 1 } },
  parts: book((own, { clock }) => ({
    edited: (source, edits) =>
      own.edited(
        source,
        edits.map((edit, index) => ({ ...edit, editedAt: clock.now() + index })),
      ),
  })),
});

/** The first edit of a contact that is known stays the newest. */
const firstEditWins = mirror('whoever is heard first wins', {
  mode: 'B',
  parts: book(() => ({ edited: async () => new Set<string>() })),
});

/** A contact is written over unseen. */
const writtenUnseen = mirror('written over without a look', {
  mode: 'A',
  mirror: { faults: { notificationLost: 1 } },
  parts: (parts) => ({
    ...parts,
    targets: new Map([...parts.targets].map(([key, target]) => [key, remembering(target)])),
  }),
});

/** A look is answered by what an earlier look has seen, as long as there was one. */
function remembering(target: Target): Target {
  const seen = new Map<string, Outcome>();
  return answering(target, (outcome, operation) => {
    if (operation.kind !== 'look-at' || operation.folder === null) return outcome;
    const before = seen.get(operation.item);
    if (outcome.kind === 'surveyed' && outcome.items.length > 0 && !before) seen.set(operation.item, outcome);
    return before ?? outcome;
  });
}

/** The entity tag of the look does not go along with the write. */
const tagForgotten = mirror('written without the entity tag', {
  mode: 'B',
  near: 9,
  mirror: { bustle: 0.3 },
  transport: withoutTags,
});

/** What is private is shared like anything else. */
const nothingPrivate = mirror('nothing is private', {
  mode: 'B',
  transport: withoutPrivacy,
});

/** A mailbox that cannot be read has nothing in it. */
const failureIsEmpty = mirror('a failed reading is an empty mailbox', {
  mode: 'C',
  near: 2,
  mirror: { faults: { unavailable503: 0.1, throttleInside: 0.1, deltaExpired410: 0.3 }, ledgerLoss: 0 },
  parts: answers((outcome, { kind }) =>
    outcome.kind === 'fault' && (kind === 'survey' || kind === 'look-at')
      ? { kind: 'surveyed', items: [] }
      : outcome,
  ),
});

const everybody: GuardBook['admit'] = async ({ subjects }) => new Set(subjects);

/** However many were deleted, the others lose them. */
const deletionsUnguarded = mirror('whatever is deleted goes everywhere', {
  mode: 'B',
  mirror: { onDelete: 'everywhere', guard: { count: 1, percent: 0 }, deletions: 0.26 },
  parts: (parts) => {
    const { guard } = parts.ledger;
    return { ...parts, ledger: { ...parts.ledger, guard: { ...guard, admit: everybody } } };
  },
});

/** Nobody remembers that a contact is not wanted where it was deleted. */
const deletionForgotten = mirror('what was deleted is made again', {
  mode: 'B',
  mirror: { deletions: 0.26 },
  parts: book((own) => ({
    part: (source, partings) =>
      own.part(
        source,
        partings.map((one) =>
          one.link.state === 'declined'
            ? { ...one, link: { ...one.link, state: 'known', revision: 0 } }
            : one,
        ),
      ),
  })),
});

function asCopy(link: LinkRecord): LinkRecord {
  return { ...link, origin: 'created' };
}

/** What people wrote first is taken for a copy. */
const originalsRemoved = mirror('originals are removed with the copies', {
  mode: 'B',
  mirror: { reverts: true },
  parts: (parts) => {
    const { links } = parts.ledger;
    return {
      ...parts,
      ledger: {
        ...parts.ledger,
        links: {
          ...links,
          save: (changes) =>
            links.save({ ...changes, ...(changes.put ? { put: changes.put.map(asCopy) } : {}) }),
        },
      },
    };
  },
});

/** Nobody asks whom a contact is: what two members have is two contacts. */
const nobodyMet = mirror('the first meeting tells nobody apart', {
  mode: 'B',
  mirror: { metTwice: 1 },
  parts: book((own) => ({
    meet: (source, seen, { strangers, complete }) =>
      own.meet(source, seen, { strangers: strangers.map((one) => ({ ...one, keys: [] })), complete }),
  })),
});

/** A look that a notification asks for is the only one. */
const oneLook = mirror('a notification is looked into once', {
  mode: 'B',
  near: 7,
  mirror: { mailboxStaleMs: 20_000, faults: { staleRead: 0.7 } },
  parts: (parts) => ({
    ...parts,
    changes: over(parts.changes, {
      send: (messages) =>
        parts.changes.send(
          messages.filter(({ delayMs = 0, body }) => delayMs === 0 || body.kind !== 'contacts'),
        ),
    }),
  }),
});

/**
 * That copies bear the time of their edit is told by a story: no storm was seen to lose an edit without it. Nor without taking what
 * an item reads like after a write from the answer: what was sent is known again by the mark.
 */
export const mirrorMutants: readonly Mutant[] = [
  heardLastWins,
  firstEditWins,
  writtenUnseen,
  tagForgotten,
  nothingPrivate,
  failureIsEmpty,
  deletionsUnguarded,
  deletionForgotten,
  originalsRemoved,
  nobodyMet,
  oneLook,
];
