import type { User } from './directory/objects.ts';
import { isAdopted, markOf, type Item } from './mailbox/item.ts';
import type { Mailbox } from './mailbox/mailbox.ts';
import type { Tenant } from './tenant.ts';

/** The directory job as an administrator describes it. Everything here shares no code with `src/`. */
export interface DirectoryJob {
  readonly sourceGroups: readonly string[];
  readonly target:
    | 'licensed'
    | { readonly groups: readonly string[] }
    | { readonly users: readonly string[] };
  readonly folder: string;
  /** Id of the job in the marks; given, its items count wherever the client put them, and other jobs' do not. */
  readonly route?: string;
  /** Members of these groups are shown without their mobile number. */
  readonly withoutMobile?: readonly string[];
  /** Contacts show the pictures of their people, as they are. */
  readonly photos?: boolean;
  /** Only people of these countries are shown. */
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

interface Divergence {
  readonly kind: 'missing' | 'extra' | 'fields';
  readonly mailbox: string;
  readonly source: string;
  /** Names of the fields that differ. */
  readonly fields: readonly string[];
}

export interface Comparison {
  readonly divergences: readonly Divergence[];
  /** Managed items beyond the first of one person in one mailbox. */
  readonly duplicates: number;
  /** Foreign items that the client changed or removed since the tenant was made. */
  readonly foreignTouched: number;
  /** Managed items in all mailboxes. */
  readonly contacts: number;
}

/** For every target mailbox the people that it must show, by id. Nobody is a contact in their own mailbox. */
export function expectedContacts(tenant: Tenant, job: DirectoryJob): Map<string, Map<string, ContactFields>> {
  const people = new Map<string, ContactFields>();
  const withoutMobile = membersOf(tenant, job.withoutMobile ?? []);
  for (const id of membersOf(tenant, job.sourceGroups)) {
    const user = tenant.directory.user(id);
    if (user === undefined || isLeftOut(user)) continue;
    if (job.countries !== undefined && !job.countries.includes(user.country ?? '')) continue;
    const fields = { ...contactOf(user), ...(job.company === undefined ? {} : { companyName: job.company }) };
    people.set(id, withoutMobile.has(id) ? { ...fields, mobilePhone: null } : fields);
  }
  const expected = new Map<string, Map<string, ContactFields>>();
  for (const mailbox of targets(tenant, job.target)) {
    const own = new Map(people);
    own.delete(mailbox);
    expected.set(mailbox, own);
  }
  return expected;
}

/**
 * Holds every mailbox that can be reached against the directory, those that must be empty included, but for
 * those that are forgotten.
 */
export function compareMailboxes(
  tenant: Tenant,
  job: DirectoryJob,
  isForgotten: (owner: string) => boolean = () => false,
): Comparison {
  const expected = expectedContacts(tenant, job);
  const divergences: Divergence[] = [];
  let duplicates = 0;
  let contacts = 0;
  const used = new Set([...tenant.mailboxes.all()].map(({ userId }) => userId));
  for (const userId of new Set([...expected.keys(), ...used])) {
    if (tenant.mailboxes.state(userId) !== 'ok') continue;
    if (!expected.has(userId) && isForgotten(userId)) continue;
    const managed = managedItems(tenant.mailboxes.get(userId), job);
    const wanted = expected.get(userId) ?? new Map<string, ContactFields>();
    for (const [source, items] of managed) {
      contacts += items.length;
      duplicates += items.length - 1;
      const want = wanted.get(source);
      for (const item of items) {
        const fields = want === undefined ? [] : differences(want, item);
        const picture = job.photos ? tenant.photos.of(source)?.bytes : item.content.photo;
        if (want !== undefined && hex(picture) !== hex(item.content.photo)) fields.push('photo');
        const strays = item.folder.name !== job.folder && !isAdopted(item.content);
        if (want === undefined || strays)
          divergences.push({ kind: 'extra', mailbox: userId, source, fields });
        else if (fields.length > 0) divergences.push({ kind: 'fields', mailbox: userId, source, fields });
      }
    }
    for (const source of wanted.keys()) {
      if (!managed.has(source)) divergences.push({ kind: 'missing', mailbox: userId, source, fields: [] });
    }
  }
  return { divergences, duplicates, foreignTouched: tenant.oracles.count('foreign-touched'), contacts };
}

/** Guests, disabled and hidden people, people who cannot be reached, accounts that are nobody. */
function isLeftOut(user: User): boolean {
  const { accountEnabled, userType, showInAddressList, mail, mobilePhone, businessPhones } = user;
  const reachable = [mail, mobilePhone, ...businessPhones].some((value) => !empty(value));
  const isSomebody = user.assignedLicenses.length > 0 || !empty(user.givenName) || !empty(user.surname);
  return !accountEnabled || userType === 'Guest' || showInAddressList === false || !reachable || !isSomebody;
}

function membersOf(tenant: Tenant, groups: readonly string[]): Set<string> {
  return new Set(groups.flatMap((group) => [...tenant.directory.transitiveUsers(group)]));
}

/** Mailboxes of the target that can exist: licensed people who are neither guests nor deleted. */
export function targets(tenant: Tenant, target: DirectoryJob['target']): string[] {
  const licensed = tenant.directory
    .people()
    .filter((user) => user.assignedLicenses.length > 0 && user.userType !== 'Guest')
    .map(({ id }) => id);
  if (target === 'licensed') return licensed;
  const wanted = 'users' in target ? new Set(target.users) : membersOf(tenant, target.groups);
  return licensed.filter((id) => wanted.has(id));
}

function contactOf(user: User): ContactFields {
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

/** Items with a mark of the job, by the person that the mark names: those in its folder, adopted ones, and what the client put elsewhere. */
function managedItems(mailbox: Mailbox, job: DirectoryJob): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of mailbox.items()) {
    const [, route, source] = markOf(item.content)?.split('/') ?? [];
    if (source === undefined || (job.route !== undefined && route !== job.route)) continue;
    const astray = job.route !== undefined && item.by === 'client';
    if (item.folder.name !== job.folder && !astray && !isAdopted(item.content)) continue;
    found.set(source, [...(found.get(source) ?? []), item]);
  }
  return found;
}

/** Items of jobs that are not among these any more: nothing of them may be left, but where they are forgotten. */
export function orphans(
  tenant: Tenant,
  routes: ReadonlySet<string>,
  isForgotten: (route: string, owner: string) => boolean,
): number {
  let count = 0;
  for (const mailbox of tenant.mailboxes.all()) {
    if (tenant.mailboxes.state(mailbox.userId) !== 'ok') continue;
    for (const item of mailbox.items()) {
      const route = markOf(item.content)?.split('/')[1];
      if (route === undefined || routes.has(route) || item.by !== 'client') continue;
      if (!isForgotten(route, mailbox.userId)) count += 1;
    }
  }
  return count;
}

function differences(want: ContactFields, item: Item): string[] {
  const have: Readonly<Record<string, unknown>> = item.content.fields;
  return Object.entries(want).flatMap(([name, value]) => (plain(value) === plain(have[name]) ? [] : [name]));
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

function empty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '');
}

/** One spelling of a value: nothing, null, '' and [] are the same, and so is white space around a text. */
function plain(value: unknown): string {
  if (empty(value) || (Array.isArray(value) && value.length === 0)) return '';
  if (typeof value === 'string') return value.trim();
  if (!Array.isArray(value)) return JSON.stringify(value);
  const list: unknown[] = value;
  return list
    .map((entry) => (isEmail(entry) ? `${plain(entry.name)} <${plain(entry.address)}>` : plain(entry)))
    .join('\n');
}

function isEmail(entry: unknown): entry is { name?: string | null; address?: string | null } {
  return typeof entry === 'object' && entry !== null && 'address' in entry;
}
