import { systemClock, type Clock } from '../../../src/kit/clock.ts';
import { seededRandom } from '../../kit/seeded-random.ts';
import type { User } from '../../tenant/directory/objects.ts';
import { populate } from '../../tenant/population.ts';
import { createTenant, type Tenant } from '../../tenant/tenant.ts';

/** What every variable of the mirroring script begins with. */
export const P = 'AUTOMATION_SYNCCONTACTS_';

/** A tenant whose members have a contact of their own each, and what the mirroring script was told of it. */
export interface Company {
  readonly tenant: Tenant;
  readonly members: readonly User[];
  readonly hub: User;
  readonly secret: string;
}

export function company(number: number, clock: Clock = systemClock): Company {
  const random = seededRandom(number);
  const tenant = createTenant({
    clock,
    random,
    tenantId: `${number}0000000-0000-4000-8000-000000000000`,
    switches: { staleMs: 0, adoptable: true },
  });
  const secret = `Xy8Q~the.secret-of_${number}`;
  tenant.registerSecret(secret);
  const members = populate(tenant, random, { people: 3, mailboxes: 3, foreign: 0 }).owners;
  for (const [at, { id }] of members.entries())
    tenant.mailboxes.addContact(id, {
      displayName: `Customer ${number}-${at}`,
      mobilePhone: `+49 151 ${at}`,
    });
  const hub = tenant.directory.addUser({ displayName: 'All contacts', accountEnabled: false });
  tenant.mailboxes.setPurpose(hub.id, 'shared');
  return { tenant, members, hub, secret };
}

/** As it stands in a list of tenants. */
export function entryOf({ tenant, hub, secret }: Company): Readonly<Record<string, unknown>> {
  const { tenantId, clientId } = tenant;
  return {
    TenantId: tenantId,
    ClientId: clientId,
    ClientSecret: secret,
    GlobalAddressBookUserId: hub.id,
  };
}

/** The variables of a single tenant. */
export function single({ tenant, hub, secret }: Company): Readonly<Record<string, string>> {
  return {
    [`${P}TENANT_ID`]: tenant.tenantId,
    [`${P}CLIENT_ID`]: tenant.clientId,
    [`${P}CLIENT_SECRET`]: secret,
    [`${P}GLOBAL_ADDRESS_BOOK_USER_ID`]: hub.id,
  };
}

/** Names in the hub's folder and in each member's own. */
export function names({ tenant, members, hub }: Company): string[][] {
  const shared = tenant.mailboxes.get(hub.id).folderNamed('All Contacts');
  return [shared, ...members.map(({ id }) => tenant.mailboxes.get(id).contacts)].map((one) =>
    [...(one?.items.values() ?? [])].map(({ content }) => String(content.fields['displayName'])).toSorted(),
  );
}

/** What `names` says once everybody has everything. */
export function everywhere(number: number): string[][] {
  return Array.from({ length: 4 }, () => [0, 1, 2].map((at) => `Customer ${number}-${at}`));
}
