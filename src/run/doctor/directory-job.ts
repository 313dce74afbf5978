import { at } from '../../graph/call.ts';
import type { JobConfig } from '../../kit/config/config.ts';
import type { TargetConfig } from '../../kit/config/scope.ts';
import { field, list, text } from '../../kit/json.ts';
import { pathOf } from '../../graph/page-link.ts';
import { routesOf } from '../../jobs/routes.ts';
import { Fault } from '../../model/fault.ts';
import { causeOf, failed, warning, well, type Check, type ExaminedJob, type Look } from './check.ts';
import { rolesOf, type TenantVisit } from './tenant-visit.ts';

/** More of them, each by itself, are no help to a reader. */
const LISTED_AT_MOST = 20;
/** Asked side by side. */
const TOGETHER = 8;

interface Group {
  readonly id: string;
  readonly kind: 'group' | 'unit';
  readonly use: string;
}

/** They exist, and so many people are in them, nested groups included. */
export const groups: Check<ExaminedJob> = {
  name: 'groups',
  needs: ['tenants'],
  look: async ({ job, visit }) => {
    const wanted = groupsOf(job);
    if (wanted.length === 0) return [];
    await visit.demandToken();
    const looks: Look[] = [];
    for (let from = 0; from < wanted.length; from += TOGETHER) {
      const some = wanted.slice(from, from + TOGETHER);
      looks.push(...(await Promise.all(some.map((group) => lookAt(group, visit)))));
    }
    if (looks.length <= LISTED_AT_MOST) return looks;
    const found = looks.filter(({ state }) => state === 'well').length;
    return [...looks.filter(({ state }) => state !== 'well'), well(`${found} groups are there`)];
  },
};

function groupsOf(job: ExaminedJob['job']): Group[] {
  const found = routesOf(job).flatMap(({ groups: { source, target, shape }, units }) => {
    const uses: readonly (readonly [string, readonly string[]])[] = [
      ['shown', source],
      ['receiving', target],
      ['opted out', shape],
    ];
    return uses.flatMap(([use, ids]) =>
      ids.map((id): Group => ({ id, use, kind: units.includes(id) ? 'unit' : 'group' })),
    );
  });
  return [...new Map(found.map((group) => [group.id, group])).values()];
}

async function lookAt({ id, kind, use }: Group, visit: TenantVisit): Promise<Look> {
  const what = kind === 'unit' ? 'administrative unit' : 'group';
  try {
    const { body } = await visit.read(`${peopleIn(id, kind)}&$count=true&$top=1`, { eventual: true });
    const count = field(body, '@odata.count');
    const people = typeof count === 'number' ? count : (list(body, 'value')?.length ?? 0);
    if (people > 0) return well(`${people} ${people === 1 ? 'person' : 'people'} (${use})`, id);
    return warning({
      found: `nobody is in this ${what} (${use})`,
      remedy: 'put people into it, or correct the id',
      about: id,
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.kind !== 'not-found')
      return failed({ found: causeOf(error), remedy: readable(kind), about: id });
    return failed({
      found: `there is no such ${what}`,
      remedy: 'correct the id (Object ID in the admin center), or take it out of the configuration',
      about: id,
    });
  }
}

function readable(kind: Group['kind']): string {
  const permission = kind === 'unit' ? 'AdministrativeUnit.Read.All' : 'Group.Read.All';
  return `grant ${permission} with admin consent, or run it again when Graph answers`;
}

/** Users alone: learn.microsoft.com/graph/api/group-list-transitivemembers, administrativeunit-list-members. */
function peopleIn(id: string, kind: Group['kind']): string {
  const members =
    kind === 'unit' ? at`/directory/administrativeUnits/${id}/members` : at`/groups/${id}/transitiveMembers`;
  return `${members}/microsoft.graph.user?$select=id`;
}

/** Some of them may have no mailbox yet. */
const TRIED_AT_MOST = 5;
/** A thousand people each; that not one of five thousand has a licence would be strange. */
const PAGES_AT_MOST = 5;

/** Whose mailboxes receive; null: it is no mailboxes that do. */
function audienceOf(job: JobConfig): TargetConfig | null {
  if (job.kind === 'directory') return job.target;
  return job.kind === 'mirror' ? job.members : null;
}

/** One is enough: what is refused for all of them is refused for the first. */
export const mailbox: Check<ExaminedJob> = {
  name: 'mailbox',
  needs: ['tenants'],
  look: async ({ job, visit }) => {
    const target = audienceOf(job);
    if (target === null) return [];
    const { token } = await visit.demandToken();
    const owners = await ownersFor(target, visit);
    if (owners.length === 0)
      return [
        warning({
          found: 'nobody is there who receives',
          remedy: 'see "target" of the job, and who has a licence',
        }),
      ];
    const refusals: Fault[] = [];
    for (const owner of owners) {
      try {
        await visit.read(at`/users/${owner}/contactFolders?$top=1&$select=id`, { mailbox: owner });
        return [well(`the mailbox of ${owner} can be read`)];
      } catch (error) {
        if (!(error instanceof Fault) || error.kind !== 'mailbox-unavailable') throw error;
        refusals.push(error);
      }
    }
    const denied = refusals.find(({ code }) => code === 'ErrorAccessDenied');
    if (denied !== undefined) return [deniedTo(denied, rolesOf(token))];
    return [
      failed({
        found: `none of ${owners.length} that were tried has a mailbox in Exchange Online (${refusals[0]?.code ?? 'no code'})`,
        remedy:
          'wait until Exchange has made them, or choose others: mailboxes on premises cannot be reached',
      }),
    ];
  },
};

function deniedTo(fault: Fault, roles: readonly string[] | null): Look {
  const found = causeOf(fault);
  if (roles?.includes('Contacts.ReadWrite') === false)
    return failed({
      found: `${found}: Contacts.ReadWrite is neither in the token nor granted in Exchange for this mailbox`,
      remedy:
        'grant Contacts.ReadWrite with admin consent, or assign "Application Contacts.ReadWrite" in Exchange (RBAC for Applications) over the mailboxes of "target"; that may take two hours',
    });
  return failed({
    found: `${found}: Exchange refuses this mailbox in spite of the permission`,
    remedy:
      'see whether an application access policy leaves it out (Test-ApplicationAccessPolicy), or wait for up to two hours after a change',
  });
}

/** Object ids of some who receive by this job. */
async function ownersFor(target: TargetConfig, visit: TenantVisit): Promise<readonly string[]> {
  if (target.kind === 'licensed') return licensed(visit);
  const { users = [], groups: ids = [], administrativeUnits: units = [] } = target;
  if (users.length > 0) return users.slice(0, TRIED_AT_MOST);
  const [group] = ids;
  const [unit] = units;
  if (group !== undefined) return membersOf(peopleIn(group, 'group'), visit);
  return unit === undefined ? licensed(visit) : membersOf(peopleIn(unit, 'unit'), visit);
}

async function membersOf(url: string, visit: TenantVisit): Promise<string[]> {
  const { body } = await visit.read(`${url}&$top=${TRIED_AT_MOST}`, { eventual: true });
  return (list(body, 'value') ?? []).flatMap((one) => text(one, 'id') ?? []);
}

async function licensed(visit: TenantVisit): Promise<string[]> {
  const found: string[] = [];
  let url: string | undefined = '/users?$select=id,assignedLicenses&$top=999';
  for (let page = 0; url !== undefined && page < PAGES_AT_MOST && found.length < TRIED_AT_MOST; page += 1) {
    const { body } = await visit.read(url);
    const users = list(body, 'value') ?? [];
    const owners = users.filter((one) => (list(one, 'assignedLicenses')?.length ?? 0) > 0);
    found.push(...owners.flatMap((one) => text(one, 'id') ?? []));
    url = pathOf(text(body, '@odata.nextLink'));
  }
  return found.slice(0, TRIED_AT_MOST);
}
