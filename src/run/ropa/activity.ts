import { originsOf } from '../../graph/clouds.ts';
import { routesOf } from '../../jobs/routes.ts';
import type {
  Config,
  CrossTenantJobConfig,
  DirectoryJobConfig,
  JobConfig,
  MirrorJobConfig,
  TenantConfig,
} from '../../kit/config/config.ts';
import { count } from '../../kit/counted.ts';
import type { Condition, Route } from '../../model/route.ts';
import { tenantOf } from '../../model/exchange-place.ts';
import type { Activity } from './report.ts';

/** What `src/graph/directory.ts` always asks for. */
const ALWAYS_READ = ['id', 'accountEnabled', 'userType', 'assignedLicenses'];
const DAY_MS = 86_400_000;

/** What a job is for and whom it concerns; the rest follows from its routes. */
type Told = Pick<Activity, 'purpose' | 'people' | 'recipients' | 'erasure'>;

/** One job as a processing activity. */
export function activityOf(job: JobConfig, config: Config): Activity {
  const routes = routesOf(job);
  const told = toldOf(job, config, routes);
  return {
    job: job.id,
    kind: job.kind,
    ...told,
    erasure: [...told.erasure, ...erasureOf(config, job)],
    data: {
      fields: [...new Set(routes.flatMap(({ owns }) => owns))],
      photos: routes.some(({ photo }) => photo !== null),
      read: [...new Set([...ALWAYS_READ, ...routes.flatMap(({ reads }) => reads)])],
      withheld: job.kind === 'mirror' ? [] : job.mapping.optOut,
    },
    transfers: transfersOf(config, routes),
  };
}

function toldOf(job: JobConfig, config: Config, routes: readonly Route[]): Told {
  if (job.kind === 'directory') return directory(job, routes);
  return job.kind === 'mirror' ? mirror(job, routes) : crossTenant(job, config, routes);
}

function directory(job: DirectoryJobConfig, routes: readonly Route[]): Told {
  return {
    purpose:
      'Colleagues find each other in their contacts and see who calls: the company directory stands in the contacts of mailboxes, and is kept current.',
    people: [
      { who: 'People of the organisation who are shown', rules: rulesIn(routes, 'shows') },
      ...(job.source.orgContacts === undefined
        ? []
        : [{ who: 'Contacts of the organisation: partners and other outsiders', rules: [] }]),
      { who: 'Owners of the mailboxes that receive (object id only)', rules: rulesIn(routes, 'receives') },
    ],
    recipients: [
      `Owners of the receiving mailboxes in the tenant ${job.tenant}, in the folder "${job.folder}", and whoever they let into their mailbox`,
      'Phones and programs that these owners synchronise with their mailbox, with the makers of those programs',
    ],
    erasure: [
      'Somebody who is to be shown no longer is removed from every mailbox soon after the change, and at the latest after the nightly sweep',
    ],
  };
}

function crossTenant(job: CrossTenantJobConfig, { tenants }: Config, routes: readonly Route[]): Told {
  const target = tenants.find(({ id }) => id === job.target.tenant);
  return {
    purpose:
      'People of one organisation are found in the address book of another: as mail contacts in Exchange Online of the other tenant.',
    people: [{ who: 'People of the tenant who are shown', rules: rulesIn(routes, 'shows') }],
    recipients: [
      `Everybody who may read the address book of the tenant ${job.target.tenant} (${target?.tenantId ?? 'unknown'}), which may be another controller`,
      'Phones and programs that those people synchronise with that address book',
    ],
    erasure: [
      `Somebody who is to be shown no longer is removed ${job.graceMs === 0 ? 'soon after' : `${count(job.graceMs / DAY_MS)} days after the change`}, through the guard`,
    ],
  };
}

const ON_DELETE: Readonly<Record<MirrorJobConfig['onDelete'], string>> = {
  keep: 'A contact that somebody deletes goes from that mailbox alone (onDelete: keep)',
  everywhere:
    'A contact that somebody deletes goes from all mailboxes, through the guard (onDelete: everywhere)',
  restore: 'A contact that somebody deletes comes back (onDelete: restore)',
};

function mirror(job: MirrorJobConfig, routes: readonly Route[]): Told {
  const kept = [...job.private.categories, ...job.private.sensitivity];
  const { folder } = job.members;
  const where =
    folder === undefined ? 'their own Contacts' : `a folder "${folder}" beside their own Contacts`;
  return {
    purpose:
      'People who work together share their contacts: what stands in the Contacts of members and in a folder of a shared mailbox is kept the same.',
    people: [
      {
        who: 'People in the contacts of members, customers, partners and others outside among them',
        rules: [
          `private: not those of ${kept.length === 0 ? 'no category or sensitivity' : kept.join(', ')}`,
        ],
      },
      {
        who: 'Members, and the mailbox of the hub (object id only)',
        rules: rulesIn(routes, 'receives'),
      },
    ],
    recipients: [
      `Whoever may open the folder "${job.hub.folder}" of the shared mailbox ${job.hub.mailbox}`,
      `Members, in ${where} in the tenant ${job.tenant}, and whoever they let into their mailbox`,
      'Phones and programs that these people synchronise with their mailboxes',
    ],
    erasure: [
      ON_DELETE[job.onDelete],
      'Notes and categories are never shared; a contact that becomes private is taken back from the others',
    ],
  };
}

function rulesIn(routes: readonly Route[], what: 'shows' | 'receives'): string[] {
  const conditions: readonly Condition[] = routes.flatMap((route) => route[what]);
  return [...new Set(conditions.map(({ rule, asks }) => `${rule}: ${asks}`))];
}

function erasureOf({ removal, tenants }: Config, job: JobConfig): string[] {
  const places = job.kind === 'cross-tenant' ? [job.target.tenant] : [job.tenant];
  const isPermanent = places.every((place) => {
    const cloud = tenants.find(({ id }) => id === place)?.cloud;
    return removal === 'permanent' && (cloud === undefined || originsOf(cloud).permanentDelete);
  });
  const { count: removals, percent } = job.guard;
  return [
    ...(job.kind === 'cross-tenant'
      ? []
      : [
          isPermanent
            ? 'Removed contacts are removed for good, past Deleted Items'
            : 'Removed contacts go to Deleted Items, and stay there as long as the mailbox keeps them',
        ]),
    `More than ${count(removals)} removals, and more than ${percent} percent, in 24 hours wait for a person to approve them`,
    'One person can be removed at once and kept out: contact-sync subject PERSON --erase',
    'A job that is taken out of the configuration, or reverted, removes everything that it made',
  ];
}

/** Which services the data passes through; where those stand is for the administrator to say. */
function transfersOf({ tenants }: Config, routes: readonly Route[]): string[] {
  const ids = new Set(
    routes.flatMap(({ sourceTenant, targetTenant }) => [tenantOf(sourceTenant), tenantOf(targetTenant)]),
  );
  const involved = tenants.filter(({ id }) => ids.has(id));
  const names = involved.map(({ id }) => id);
  return [
    ...involved.map(throughCloud),
    names.length > 1
      ? `From the tenant ${names.join(' to the tenant ')}: where they have their data in different countries, this is a transfer`
      : 'The data does not leave the tenant in which it is: source and mailboxes are the same',
    'The service sends the data nowhere else. Mailboxes that are opened abroad take it there',
  ];
}

function throughCloud({ id, tenantId, cloud }: TenantConfig): string {
  const { graph, login } = originsOf(cloud);
  const name = typeof cloud === 'string' ? `the cloud ${cloud}` : 'a cloud of its own';
  return `Tenant ${id} (${tenantId}) in ${name}: ${graph}, ${login}; the region is that of the tenant`;
}
