import { at } from '../../graph/call.ts';
import { pathOf } from '../../graph/page-link.ts';
import { NO_ID } from '../../kit/config/no-id.ts';
import type { TargetConfig } from '../../kit/config/scope.ts';
import { many } from '../../kit/counted.ts';
import { list, text } from '../../kit/json.ts';
import { Fault } from '../../model/fault.ts';
import {
  causeOf,
  failed,
  NotLookedAt,
  warning,
  well,
  type Check,
  type ExaminedJob,
  type Look,
} from './check.ts';
import { deniedTo, peopleIn } from './directory-job.ts';
import { rolesOf, type TenantVisit } from './tenant-visit.ts';

/** The mailbox in the middle is there, and what it holds can be read. A shared one needs no licence. */
export const hub: Check<ExaminedJob> = {
  name: 'hub',
  needs: ['tenants'],
  look: async ({ job, visit }) => {
    if (job.kind !== 'mirror') return [];
    const { mailbox } = job.hub;
    if (mailbox === NO_ID) throw new NotLookedAt('the mailbox of the hub is still to be filled in');
    const { token } = await visit.demandToken();
    if ((await orNull(visit.read(at`/users/${mailbox}?$select=id`))) === null)
      return [
        failed({
          found: `there is no user ${mailbox}: the mailbox of the hub is not found`,
          remedy:
            'put the Object ID of the shared mailbox under hub.mailbox: its address and its name will not do',
        }),
      ];
    try {
      await visit.read(at`/users/${mailbox}/contactFolders?$top=1&$select=id`, { mailbox });
      return [well(`the mailbox of the hub is found, and its folders can be read (${mailbox})`)];
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'mailbox-unavailable') throw error;
      if (error.code === 'ErrorAccessDenied') return [deniedTo(error, rolesOf(token))];
      return [
        failed({
          found: `${mailbox} has no mailbox in Exchange Online: ${causeOf(error)}`,
          remedy: 'make the shared mailbox there, or name another; a new one takes some minutes',
        }),
      ];
    }
  },
};

/** A thousand people each: more of them say nothing new. */
const PAGES_AT_MOST = 5;
const TOGETHER = 8;

/** Members are found, and so many of them have a licence: without one, a mailbox of a person's own is not there or goes soon. */
export const members: Check<ExaminedJob> = {
  name: 'members',
  needs: ['tenants'],
  look: async ({ job, visit }) => {
    if (job.kind !== 'mirror') return [];
    await visit.demandToken();
    const { found, absent, isWhole } = await chosenBy(job.members, visit);
    found.delete(job.hub.mailbox);
    const gone = absent.map((id) =>
      failed({
        found: 'there is no such user',
        remedy: 'correct the id (Object ID in the admin center), or take it out of members',
        about: id,
      }),
    );
    return [...gone, said({ found, isWhole }, job.members)];
  },
};

function said(
  { found, isWhole }: Pick<Chosen, 'found' | 'isWhole'>,
  { except, ...target }: TargetConfig,
): Look {
  const licensed = [...found.values()].filter(Boolean).length;
  const narrowed = except !== undefined || ('where' in target && target.where !== undefined);
  const text =
    `${many(found.size, 'person', 'people')}${isWhole ? '' : ' looked at, and there are more'}; ` +
    `${licensed} with a licence${narrowed ? ', before rules and exceptions' : ''}`;
  if (licensed > 0) return well(text);
  return warning({
    found: text,
    remedy:
      'see "members" of the job, and who has a licence: without one there is no mailbox but a shared one',
  });
}

interface Chosen {
  /** By object id, whether a licence is assigned. */
  readonly found: Map<string, boolean>;
  /** Named, and not there. */
  readonly absent: readonly string[];
  /** False: there are more than were looked at. */
  readonly isWhole: boolean;
}

async function chosenBy(target: TargetConfig, visit: TenantVisit): Promise<Chosen> {
  const found = new Map<string, boolean>();
  const absent: string[] = [];
  const { groups = [], administrativeUnits = [], users = [] } = target.kind === 'chosen' ? target : {};
  const lists = [
    ...groups.map((id) => peopleIn(id, 'group', SELECT)),
    ...administrativeUnits.map((id) => peopleIn(id, 'unit', SELECT)),
  ];
  if (lists.length === 0 && users.length === 0) lists.push(`/users?$select=${SELECT}`);
  let isWhole = users.length <= LISTED_AT_MOST;
  for (const url of lists) isWhole = (await readList(`${url}&$top=999`, visit, found)) && isWhole;
  const named = users.filter((id) => id !== NO_ID).slice(0, LISTED_AT_MOST);
  for (let from = 0; from < named.length; from += TOGETHER)
    await Promise.all(
      named.slice(from, from + TOGETHER).map(async (id) => {
        const user = await orNull(visit.read(`${at`/users/${id}`}?$select=${SELECT}`));
        if (user === null) absent.push(id);
        else found.set(id, hasLicence(user.body));
      }),
    );
  return { found, absent, isWhole };
}

const SELECT = 'id,assignedLicenses';
/** Of those who are named one by one. */
const LISTED_AT_MOST = 200;

/** Resolves with whether it was read to its end. */
async function readList(first: string, visit: TenantVisit, found: Map<string, boolean>): Promise<boolean> {
  let url: string | undefined = first;
  for (let page = 0; url !== undefined && page < PAGES_AT_MOST; page += 1) {
    // A group that is not there is told of by the check of groups.
    const answer = await orNull(visit.read(url, { eventual: true }));
    for (const one of list(answer?.body, 'value') ?? []) found.set(text(one, 'id') ?? '', hasLicence(one));
    url = pathOf(text(answer?.body, '@odata.nextLink'));
  }
  return url === undefined;
}

/** Null: it is not there. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'not-found') throw error;
    return null;
  }
}

function hasLicence(user: unknown): boolean {
  return (list(user, 'assignedLicenses')?.length ?? 0) > 0;
}
