import { isAccepted } from '../../engine/audit-book.ts';
import type { Plan } from '../../engine/compare.ts';
import type { Answer, Explanation } from '../../engine/explain.ts';
import { iso } from '../../kit/iso.ts';

/** One sentence: whether the person is in this mailbox, and the first thing that decides it. */
export function answerOf(explanation: Explanation): string {
  const { work, person, owner } = explanation;
  const isThere = work?.link?.item != null;
  const reason = againstOf(explanation);
  const isMissing = explanation.fields.found.kind === 'missing';
  if (isThere && isMissing && reason === null)
    return 'not in this mailbox, though the ledger believes so: its owner may have removed or moved it';
  if (isThere && reason === null) return 'in this mailbox, where it belongs';
  if (isThere) return `still in this mailbox: ${reason}`;
  if (reason !== null) return `not in this mailbox: ${reason}`;
  if (person.sighting.kind === 'unread' || owner.sighting.kind === 'unread')
    return 'not in this mailbox as far as the ledger knows; more is not known, since a read failed';
  return 'not in this mailbox yet: it belongs there';
}

/** What speaks against it, the first thing in the order of the rules; null: nothing. */
function againstOf({ route, person, owner, isOwn }: Explanation): string | null {
  if (person.keptOut === 'order')
    return `the person was erased and is kept out, until: contact-sync subject ${person.id} --restore`;
  if (person.keptOut === 'configuration')
    return 'the person is kept out (compliance.keepOut in the configuration)';
  if (person.sighting.kind === 'absent' && route.shares)
    return 'the contact is shared no longer: its originals were deleted, locked or moved away';
  if (person.sighting.kind === 'absent')
    return `the person ${person.isGone ? 'was deleted' : 'cannot be found'} in the directory`;
  const source = failedIn(person.answers);
  if (source) return `the person is not shown (${source})`;
  if (owner.sighting.kind === 'absent')
    return `the owner ${owner.isGone ? 'was deleted' : 'cannot be found'} in the directory`;
  const target = failedIn(owner.answers);
  if (target) return `the mailbox does not receive (${target})`;
  if (owner.judged === 'full' || owner.judged === 'leaves')
    return 'the mailbox does not receive (target.first: those that joined before it take all the room)';
  return isOwn ? 'nobody is a contact in their own mailbox (ownContact)' : null;
}

function failedIn(answers: readonly Answer[]): string | null {
  const failed = answers.find(({ met }) => !met);
  if (!failed) return null;
  const { rule, asks, through } = failed;
  return `${rule}: ${asks}${through.length > 0 ? `; in ${through.join(', ')}` : ''}`;
}

const ROUND =
  'at the next look: an event, the nightly sweep, or the round after a change of the configuration';
const RUNS = 'by a running service, or the next sync';

/** One sentence: what happens when nobody does anything. */
export function nextOf(explanation: Explanation, now: number): string {
  const { person, owner, halt, route, place, isScopeKnown } = explanation;
  if (halt === 'paused') return `nothing is written before: contact-sync resume --job ${route.job}`;
  if (halt === 'reverting') return `the job is taken back, until: contact-sync resume --job ${route.job}`;
  if (person.sighting.kind === 'unread' || owner.sighting.kind === 'unread')
    return 'the service reads again by itself; when it goes on, "contact-sync doctor" says why it fails';
  if (!isScopeKnown) return 'nobody comes or goes before every group of the job has been read once';
  if (owner.judged === 'joins') return `the mailbox gets its place ${ROUND}; then it is filled`;
  if (owner.judged === 'leaves') return leavingOf(explanation);
  if (owner.judged !== 'stays')
    return place?.state === 'leaving' ? `the folder is emptied ${RUNS}` : 'nothing';
  if (person.judged?.kind === 'leaves') return goingOf(explanation);
  if (person.judged?.kind === 'shown' && person.judged.isNew)
    return `the ledger has another card of this person: it is made and written ${ROUND}`;
  return waitingOf(explanation, now) ?? plannedOf(explanation);
}

function leavingOf({ guard, route, owner }: Explanation): string {
  if (owner.sighting.kind === 'absent' && !owner.isGone)
    return 'the owner is believed to be gone when a last look finds nobody either';
  return guard.mailbox
    ? `the guard holds it, until: contact-sync approve --job ${route.job}`
    : `the guard is asked to empty the mailbox ${ROUND}`;
}

function goingOf({ guard, route, person }: Explanation): string {
  if (person.sighting.kind === 'absent' && !person.isGone)
    return 'the person is believed to be gone when a last look finds nobody either';
  if (person.keptOut === 'order') return `the contact is removed ${RUNS}`;
  if (guard.person) return `the guard holds the removal, until: contact-sync approve --job ${route.job}`;
  if (person.card?.state === 'held') return "the removal waits for the job's grace to end";
  return `the guard is asked for the removal ${ROUND}`;
}

/** What has to pass before anything is planned; null: nothing. */
function waitingOf(
  { owner, place, isUsable, restsUntil, plan, work }: Explanation,
  now: number,
): string | null {
  const { mailbox } = owner;
  if (mailbox?.state === 'parked')
    return `the mailbox is tried again at ${iso(mailbox.notBefore)}, or at once after: contact-sync retry --mailbox ${owner.id}`;
  if (place === null) return null;
  if (work && (plan === null || plan.kind === 'nothing')) return null;
  if (restsUntil > now) return `it failed before, and is tried again at ${iso(restsUntil)}`;
  if (mailbox && mailbox.notBefore > now)
    return `the mailbox asked to be left alone until ${iso(mailbox.notBefore)}`;
  if (!isUsable) return `the mailbox is opened and filled first ${RUNS}`;
  return null;
}

const PLANS: Readonly<Record<Plan['kind'], string>> = {
  nothing: 'nothing: the contact is right as far as the ledger knows',
  confirm: 'nothing is written: the ledger learns that the contact is right',
  find: `the contact is looked up by its mark, since the outcome of a write is not known, ${RUNS}`,
  create: `the contact is made ${RUNS}`,
  patch: `the contact is changed ${RUNS}`,
  picture: `the contact gets its picture ${RUNS}`,
  'look-at-picture': `the contact is asked whether it shows a picture, since it is to show none, ${RUNS}`,
  move: `the contact goes, and is made anew in the folder that copies stand in, ${RUNS}`,
  remove: `the contact is removed ${RUNS}`,
  forget: 'nothing is written: the ledger forgets a contact that is not there',
  wait: 'the contact is looked at once more when an earlier call without an answer can no longer be applied',
};

const AUDIT =
  'the ledger holds the contact for right: the nightly audit puts it right in its turn, and "contact-sync audit" at once';

const ACCEPTED =
  'a difference that came back after every healing is accepted; the contact is written again when the person changes';

function plannedOf({ plan, work, person, place, audit, fields: { found } }: Explanation): string {
  if (plan?.kind === 'nothing' && work?.wanted !== true) return 'nothing';
  const isWrong = found.kind === 'missing' || (found.kind === 'there' && found.differing.length > 0);
  if (plan?.kind === 'nothing' && isWrong && work?.link?.state === 'known')
    return isAccepted({ times: audit.healed }) ? ACCEPTED : AUDIT;
  if (work?.link?.state === 'refused' && work.wanted)
    return 'the service refused this contact; it is tried again when the person changes';
  if (plan) return PLANS[plan.kind];
  return person.judged?.kind === 'shown' && place ? `the contact is made ${RUNS}` : 'nothing';
}
