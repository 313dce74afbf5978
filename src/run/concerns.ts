import { count, many } from '../kit/counted.ts';
import type { HaltStatus, JobStanding, MissingGroup, Standing, TenantStatus } from './status-report.ts';

/** What is wrong or waits for somebody, in two halves of a sentence: what it is, and what to do. */
export interface Words {
  readonly what: string;
  readonly remedy: string;
}

export interface Concern extends Words {
  /** `failed`: something does not succeed; `held`: something waits for a decision; `notice`: worth knowing. */
  readonly gravity: 'failed' | 'held' | 'notice';
  /** Whose business it is. */
  readonly about: 'job' | 'mailbox' | 'given up' | 'service';
}

const GRAVITIES = ['failed', 'held', 'notice'] as const;
/** A night was missed, and half a day of patience with it. */
const SWEEP_MISSED_MS = 36 * 3_600_000;

/** What a status has to say beside its figures, the gravest first. Nothing where all is well. */
export function concernsOf(status: Standing): Concern[] {
  const concerns = [
    ...status.tenants.flatMap(ofTenant),
    ...ofQueues(status),
    ...ofSetbacks(status),
    ...status.jobs.flatMap(ofJob),
    ...status.missingGroups.map(ofGroup),
    ...ofParked(status),
    ...status.halts.map((halt): Concern => ({ gravity: 'held', about: 'job', ...haltWords(halt) })),
    ...ofService(status),
  ];
  return GRAVITIES.flatMap((gravity) => concerns.filter((one) => one.gravity === gravity));
}

export function haltWords({ scope, name, mode, since }: HaltStatus): Words {
  const what = name === null ? 'everything' : `${scope} ${name}`;
  const option = name === null ? '' : ` --${scope} ${name}`;
  return {
    what: `${mode === 'paused' ? 'Paused' : 'Reverted'} since ${since}: ${what}`,
    remedy: `go on with: contact-sync resume${option}`,
  };
}

export function hinderedWords({ tenant, hinderedSince }: TenantStatus): Words | null {
  if (hinderedSince === null) return null;
  return { what: `Tenant ${tenant}: nothing succeeds since ${hinderedSince}`, remedy: 'the log says why' };
}

export function certificateWords({ tenant, certificate }: TenantStatus): Words | null {
  if (certificate?.endsSoon !== true) return null;
  const { daysLeft, ends } = certificate;
  const when = daysLeft < 0 ? `ended on ${ends}` : `ends in ${many(daysLeft, 'day')}, on ${ends}`;
  return {
    what: `Tenant ${tenant}: the certificate ${when}`,
    remedy: 'register a new one with the app and replace it',
  };
}

export function groupWords({ tenant, group, since, keptFor }: MissingGroup): Words {
  return {
    what: `Group ${tenant} ${group} not found since ${since}`,
    remedy:
      keptFor.length > 0
        ? `what it keeps back stays back until: contact-sync approve (${keptFor.join(', ')})`
        : 'correct its id, or take it out of the configuration',
  };
}

export function strandedWords(tenant: string): Words {
  return {
    what: `the tenant ${tenant} is not in the configuration any more`,
    remedy: 'its contacts stay until you put it back',
  };
}

/** Several processes, and not one configuration. */
export const DISAGREEMENT: Words = {
  what: 'not all of them have the same configuration',
  remedy: 'until they do, no round is made and no job withdrawn',
};

export function disagree(processes: Standing['processes']): boolean {
  return new Set(processes.map(({ configuration }) => configuration)).size > 1;
}

function ofTenant(tenant: TenantStatus): Concern[] {
  const hindered = hinderedWords(tenant);
  const certificate = certificateWords(tenant);
  const isOver = (tenant.certificate?.daysLeft ?? 0) < 0;
  return [
    ...(hindered ? [{ gravity: 'failed', about: 'service', ...hindered } as const] : []),
    ...(certificate
      ? [{ gravity: isOver ? 'failed' : 'notice', about: 'service', ...certificate } as const]
      : []),
  ];
}

function ofQueues({ queues }: Standing): Concern[] {
  return queues.flatMap(({ name, dead }) =>
    dead === 0
      ? []
      : [
          {
            gravity: 'failed',
            about: 'given up',
            what: `Queue ${name}: ${many(dead, 'dead letter')}`,
            remedy: 'what to do about each: contact-sync dead list',
          },
        ],
  );
}

function ofSetbacks({ setbacks: { work, folders, contacts } }: Standing): Concern[] {
  const sums = [
    ...(work > 0 ? [`${many(work, 'piece')} of work`] : []),
    ...(folders > 0 ? [many(folders, 'folder')] : []),
    ...(contacts > 0 ? [many(contacts, 'contact')] : []),
  ];
  if (sums.length === 0) return [];
  return [
    {
      gravity: work > 0 ? 'failed' : 'notice',
      about: 'given up',
      what: `Without success: ${sums.join(', ')}`,
      remedy: 'try at once with: contact-sync retry; what to do about each: contact-sync dead list',
    },
  ];
}

function ofJob({ job, held, suspicion, missingTenant }: JobStanding): Concern[] {
  const about = 'job';
  const remedy = `look at what is held, then release it with: contact-sync approve --job ${job}`;
  const concerns: Concern[] = [];
  if (suspicion !== null) {
    const what = `Job ${job}: nothing is removed since ${suspicion.since}, updates go on: ${suspicion.reason}`;
    concerns.push({ gravity: 'held', about, what, remedy });
  } else if (held.length > 0) {
    const what = `Job ${job}: ${many(held.length, 'removal')} held by the guard since ${held[0]?.since ?? ''}`;
    concerns.push({ gravity: 'held', about, what, remedy });
  }
  if (missingTenant !== null) {
    const { what, remedy: put } = strandedWords(missingTenant);
    concerns.push({ gravity: 'notice', about, what: `Job ${job}: ${what}`, remedy: put });
  }
  return concerns;
}

function ofGroup(group: MissingGroup): Concern {
  return { gravity: group.keptFor.length > 0 ? 'held' : 'failed', about: 'job', ...groupWords(group) };
}

function ofParked({ parked }: Standing): Concern[] {
  if (parked.length === 0) return [];
  return [
    {
      gravity: 'notice',
      about: 'mailbox',
      what: `${many(parked.length, 'mailbox', 'mailboxes')} parked: they cannot be used now`,
      remedy: 'each is tried again by itself, or at once with: contact-sync retry',
    },
  ];
}

function ofService({ at, lastSweep, subscriptions, processes }: Standing): Concern[] {
  const now = Date.parse(at);
  const concerns: Concern[] = [];
  const add = (gravity: Concern['gravity'], { what, remedy }: Words): void =>
    void concerns.push({ gravity, about: 'service', what, remedy });
  if (lastSweep !== null && now - Date.parse(lastSweep) > SWEEP_MISSED_MS)
    add('failed', {
      what: `No sweep since ${lastSweep}`,
      remedy: 'see that the service runs: contact-sync run; contact-sync doctor says what keeps it from it',
    });
  const ended = subscriptions.filter(({ expires }) => Date.parse(expires) < now);
  if (ended.length > 0)
    add('failed', {
      what: `${many(ended.length, 'subscription')} ended: Microsoft Graph announces nothing there`,
      remedy:
        'a running service makes them anew within minutes; contact-sync doctor says what keeps it from it',
    });
  if (disagree(processes))
    add('notice', {
      what: `${count(processes.length)} processes: ${DISAGREEMENT.what}`,
      remedy: DISAGREEMENT.remedy,
    });
  return concerns;
}
