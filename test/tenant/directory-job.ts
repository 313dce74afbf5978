import type { OrgContact, User } from './directory/objects.ts';
import type { Tenant } from './tenant.ts';

/** The directory job as an administrator describes it. Everything here shares no code with `src/`. */
export interface DirectoryJob {
  readonly sourceGroups: readonly string[];
  /** Administrative units whose people are shown as well. */
  readonly sourceUnits?: readonly string[];
  /** Contacts of the organisation that are shown beside them. */
  readonly contacts?: 'all' | { readonly groups: readonly string[] };
  readonly target:
    | 'licensed'
    | { readonly groups: readonly string[] }
    | { readonly administrativeUnits: readonly string[] }
    | { readonly users: readonly string[] };
  readonly folder: string;
  /** Id of the job in the marks; given, its items count wherever the client put them, and other jobs' do not. */
  readonly route?: string;
  /** Members of these groups are shown without their mobile number, and without their picture. */
  readonly optedOut?: readonly string[];
  /** Contacts show the pictures of their people, as they are. */
  readonly photos?: boolean;
  /** Only people of these countries are shown; contacts may be of any. */
  readonly countries?: readonly string[];
  /** Everybody is shown as one of this company's. */
  readonly company?: string;
}

/** What a managed contact must hold. Null, absent and empty are the same. */
export interface ContactFields {
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly emailAddresses: readonly { readonly name: string | null; readonly address: string }[];
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
}

/** For every target mailbox the people that it must show, by id. Nobody is a contact in their own mailbox. */
export function expectedContacts(tenant: Tenant, job: DirectoryJob): Map<string, Map<string, ContactFields>> {
  const people = new Map<string, ContactFields>();
  const shaped = shaperOf(tenant, job);
  const show = (id: string, contact: ContactFields): void => void people.set(id, shaped(id, contact));
  for (const id of [...membersOf(tenant, job.sourceGroups), ...usersOf(tenant, job.sourceUnits)]) {
    const user = tenant.directory.user(id);
    if (user === undefined || isLeftOut(user)) continue;
    if (job.countries === undefined || job.countries.includes(user.country ?? '')) show(id, contactOf(user));
  }
  for (const contact of contactsOf(tenant, job)) show(contact.id, contactOf(asUser(contact)));
  const expected = new Map<string, Map<string, ContactFields>>();
  for (const mailbox of targets(tenant, job.target)) {
    const own = new Map(people);
    own.delete(mailbox);
    expected.set(mailbox, own);
  }
  return expected;
}

/** What a contact of this person holds, whether the job shows them or not; null for somebody who is not there. */
export function contactAs(tenant: Tenant, job: DirectoryJob, id: string): ContactFields | null {
  const user = tenant.directory.user(id);
  return user === undefined ? null : shaperOf(tenant, job)(id, contactOf(user));
}

/** The picture that a contact of this person shows; undefined: none. */
export function pictureAs(tenant: Tenant, job: DirectoryJob, id: string): Uint8Array | undefined {
  const isWithheld = membersOf(tenant, job.optedOut ?? []).has(id);
  return job.photos && !isWithheld ? tenant.photos.of(id)?.bytes : undefined;
}

function shaperOf(tenant: Tenant, job: DirectoryJob): (id: string, contact: ContactFields) => ContactFields {
  const optedOut = membersOf(tenant, job.optedOut ?? []);
  return (id, contact) => ({
    ...contact,
    ...(job.company === undefined ? {} : { companyName: job.company }),
    ...(optedOut.has(id) ? { mobilePhone: null } : {}),
  });
}

/** Guests, disabled and hidden people, people who cannot be reached, accounts that are nobody. */
function isLeftOut(user: User): boolean {
  const { accountEnabled, userType, showInAddressList, mail, mobilePhone, businessPhones } = user;
  const reachable = [mail, mobilePhone, ...businessPhones].some((value) => !empty(value));
  const isSomebody = user.assignedLicenses.length > 0 || !empty(user.givenName) || !empty(user.surname);
  return !accountEnabled || userType === 'Guest' || showInAddressList === false || !reachable || !isSomebody;
}

/** Users and contacts in these groups, at any depth; some may be deleted. */
function membersOf(tenant: Tenant, groups: readonly string[]): Set<string> {
  return new Set(groups.flatMap((group) => [...tenant.directory.transitiveMembers(group)]));
}

function usersOf(tenant: Tenant, units: readonly string[] = []): string[] {
  return units.flatMap((unit) => [...tenant.directory.usersOfUnit(unit)]);
}

/** Contacts of the organisation that the job shows: those that can be called or written to. */
function contactsOf(tenant: Tenant, { contacts }: DirectoryJob): OrgContact[] {
  if (contacts === undefined) return [];
  const members = contacts === 'all' ? undefined : membersOf(tenant, contacts.groups);
  return tenant.directory.orgContacts().filter(({ id, mail, phones }) => {
    const numbers = phones.flatMap(({ type, number }) => (type === 'businessFax' ? [] : number));
    return members?.has(id) !== false && [mail, ...numbers].some((value) => !empty(value));
  });
}

/** What a contact of the organisation would look like with an account. */
function asUser(contact: OrgContact): Parameters<typeof contactOf>[0] {
  const number = (type: string): string | null =>
    contact.phones.find((phone) => phone.type === type)?.number ?? null;
  const business = number('business');
  return {
    ...contact,
    mobilePhone: number('mobile'),
    businessPhones: business === null ? [] : [business],
  };
}

/** How many people a job may show at the most. */
export function scopeOf(tenant: Tenant, job: DirectoryJob): number {
  const users = new Set([...membersOf(tenant, job.sourceGroups), ...usersOf(tenant, job.sourceUnits)]);
  return [...users].filter((id) => tenant.directory.user(id)).length + contactsOf(tenant, job).length;
}

/** Mailboxes of the target that can exist: licensed people who are neither guests nor deleted. */
export function targets(tenant: Tenant, target: DirectoryJob['target']): string[] {
  const licensed = tenant.directory
    .people()
    .filter((user) => user.assignedLicenses.length > 0 && user.userType !== 'Guest')
    .map(({ id }) => id);
  if (target === 'licensed') return licensed;
  const wanted =
    'users' in target
      ? new Set(target.users)
      : 'groups' in target
        ? membersOf(tenant, target.groups)
        : new Set(usersOf(tenant, target.administrativeUnits));
  return licensed.filter((id) => wanted.has(id));
}

function contactOf(user: Omit<ContactFields, 'emailAddresses'> & Pick<User, 'mail'>): ContactFields {
  return {
    displayName: user.displayName,
    givenName: user.givenName,
    surname: user.surname,
    jobTitle: user.jobTitle,
    department: user.department,
    companyName: user.companyName,
    emailAddresses: empty(user.mail) ? [] : [{ name: user.displayName, address: String(user.mail) }],
    mobilePhone: user.mobilePhone === null ? null : numberOf(user.mobilePhone),
    businessPhones: user.businessPhones.slice(0, 2).map(numberOf),
  };
}

/** E.164 of the numbers that people of a simulated tenant have, German and American ones; some are too short or too long to be any. */
function numberOf(text: string): string {
  const digits = text.replaceAll(/\D/g, '');
  const isOne = text.startsWith('+49')
    ? digits.length >= 9 && digits.length <= 15
    : text.startsWith('+1') && digits.length === 11;
  return isOne ? `+${digits}` : text;
}

export function empty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '');
}
