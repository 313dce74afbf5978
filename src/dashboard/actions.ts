import type { HaltScope } from '../engine/ledger-books.ts';
import { many } from '../kit/counted.ts';
import { Fault } from '../model/fault.ts';
import type { HaltView, House, Known } from './house.ts';

/** What an administrator can have done: the same that the commands of these names do. */
export interface Action {
  /** Fields that name what it is about, by ids, for the log. */
  readonly names: readonly string[];
  /** Where its form stands. */
  readonly home: string;
  carryOut(house: House, form: URLSearchParams): Promise<Done>;
}

interface Done {
  /** For the person. */
  readonly notice: string;
  readonly tone?: 'bad';
  /** For the log. */
  readonly outcome: string;
}

const approve: Action = {
  names: ['job'],
  home: '/jobs',
  async carryOut(house, form) {
    const job = jobIn(await house.known(), form.get('job'));
    if (form.get('sure') !== 'yes')
      return {
        notice: 'Nothing was done: tick that you have looked at what is held.',
        tone: 'bad',
        outcome: 'not confirmed',
      };
    const seen = { count: Number(form.get('count')), newest: form.get('newest') ?? '' };
    const released = await house.approve(job, seen);
    if (released === null)
      return {
        notice: `Nothing was done: more of ${job} is held than you saw. Look again, then approve.`,
        tone: 'bad',
        outcome: 'more was held',
      };
    const notice =
      released === 0
        ? 'No removal was held; whatever else waited for an approval may go on.'
        : `Released ${many(released, 'removal')}. The running service carries them out within a minute.`;
    return { notice, outcome: `released ${released}` };
  },
};

const pause: Action = {
  names: ['scope', 'name'],
  home: '/jobs',
  async carryOut(house, form) {
    const scope = scopeIn(await house.known(), form);
    await house.pause(scope);
    return {
      notice: `Paused: ${spelled(scope)}. Nothing is written until you resume it.`,
      outcome: 'paused',
    };
  },
};

const resume: Action = {
  names: ['scope', 'name'],
  home: '/jobs',
  async carryOut(house, form) {
    const known = await house.known();
    const scope = scopeIn(known, form);
    const isReverting = known.halts.some((halt) => isOf(halt, scope) && halt.mode === 'reverting');
    // It fills every mailbox that was freed; whoever saw a mere pause means something else.
    if (isReverting && form.get('typed')?.trim() !== nameOf(scope))
      return {
        notice: `Nothing was done: ${spelled(scope)} is being taken back. To give that up and fill the mailboxes anew, type its name.`,
        tone: 'bad',
        outcome: 'not confirmed',
      };
    const isResumed = await house.resume(scope);
    const [wider] = known.halts.filter((halt) => isWider(halt, scope, known));
    if (wider === undefined)
      return isResumed
        ? { notice: `Resumed: ${spelled(scope)}.`, outcome: 'resumed' }
        : { notice: `Not stopped: ${spelled(scope)}.`, outcome: 'was not stopped' };
    const still = `is stopped by the pause of ${wider.scope === 'all' ? 'everything' : `tenant ${wider.name}`}`;
    return isResumed
      ? {
          notice: `Resumed: ${spelled(scope)}, but it still ${still}.`,
          tone: 'bad',
          outcome: 'resumed, and stopped by a wider pause',
        }
      : {
          notice: `Nothing was done: ${spelled(scope)} has no pause of its own; it ${still}.`,
          tone: 'bad',
          outcome: 'stopped by a wider pause',
        };
  },
};

const revert: Action = {
  names: ['job'],
  home: '/jobs',
  async carryOut(house, form) {
    const job = jobIn(await house.known(), form.get('job'));
    if (form.get('typed')?.trim() !== job)
      return {
        notice: `Nothing was done: to take the job back, type its name, ${job}, into the field.`,
        tone: 'bad',
        outcome: 'not confirmed',
      };
    await house.revert(job);
    return {
      notice: `The job ${job} is being taken back. It stays stopped until you resume it.`,
      outcome: 'ordered',
    };
  },
};

const retry: Action = {
  names: ['mailbox'],
  home: '/mailboxes',
  async carryOut(house, form) {
    const mailbox = form.get('mailbox') ?? undefined;
    const { mailboxes, other } = await house.retry(mailbox);
    const outcome = `${mailboxes} mailboxes, ${other} other`;
    if (mailboxes + other === 0)
      return { notice: 'Nothing is parked any more, and nothing failed.', outcome };
    const again = [
      ...(mailboxes > 0 ? [many(mailboxes, 'mailbox', 'mailboxes')] : []),
      ...(other > 0 ? [many(other, 'failed piece of work', 'failed pieces of work')] : []),
    ];
    return { notice: `${again.join(' and ')} to be tried again within a minute.`, outcome };
  },
};

const GONE: Done = {
  notice: 'There is none of that id any more: it may have succeeded by now.',
  outcome: 'gone',
};

const retryGivenUp: Action = {
  names: ['id'],
  home: '/given-up',
  async carryOut(house, form) {
    const revived = await house.retryGivenUp(form.get('id') ?? '');
    if (revived === null) return GONE;
    return revived.left.length === 0
      ? { notice: 'To be tried again within a minute.', outcome: 'to be tried again' }
      : { notice: 'It cannot be tried again; its line says what to do.', tone: 'bad', outcome: 'left' };
  },
};

const dropGivenUp: Action = {
  names: ['id'],
  home: '/given-up',
  async carryOut(house, form) {
    if (form.get('sure') !== 'yes')
      return {
        notice: 'Nothing was done: tick that you have read what it means.',
        tone: 'bad',
        outcome: 'not confirmed',
      };
    const dropped = await house.dropGivenUp(form.get('id') ?? '');
    return dropped === null ? GONE : { notice: 'Forgotten.', outcome: 'forgotten' };
  },
};

/** By the path that their forms post to. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  '/approve': approve,
  '/pause': pause,
  '/resume': resume,
  '/revert': revert,
  '/retry': retry,
  '/given-up/retry': retryGivenUp,
  '/given-up/drop': dropGivenUp,
};

/** Throws where there is no such job: an order for one that is not there would wait for it. */
function jobIn({ jobs }: Known, name: string | null): string {
  const found = jobs.find(({ job }) => job === name);
  if (!found) throw new Fault('invalid', 'there is no such job; nothing was done');
  return found.job;
}

function tenantIn({ tenants }: Known, name: string | null): string {
  const found = tenants.find((tenant) => tenant === name);
  if (found === undefined) throw new Fault('invalid', 'there is no such tenant; nothing was done');
  return found;
}

function scopeIn(known: Known, form: URLSearchParams): HaltScope {
  const [kind, name] = [form.get('scope'), form.get('name')];
  if (kind === 'all') return { kind };
  if (kind === 'job') return { kind, name: jobIn(known, name) };
  if (kind === 'tenant') return { kind, name: tenantIn(known, name) };
  throw new Fault('invalid', 'nothing was named; nothing was done');
}

function nameOf(scope: HaltScope): string | null {
  return scope.kind === 'all' ? null : scope.name;
}

function isOf(halt: HaltView, scope: HaltScope): boolean {
  return halt.scope === scope.kind && halt.name === nameOf(scope);
}

/** Whether something of a scope stays stopped by a pause that it does not lift. */
function isWider({ scope: kind, name }: HaltView, scope: HaltScope, { jobs }: Known): boolean {
  if (kind === 'all') return scope.kind !== 'all';
  if (kind === 'job' || scope.kind !== 'job') return false;
  return jobs.some(({ job, tenants }) => job === scope.name && name !== null && tenants.includes(name));
}

function spelled(scope: HaltScope): string {
  return scope.kind === 'all' ? 'everything' : `${scope.kind} ${scope.name}`;
}
