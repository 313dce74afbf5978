import type { User } from '../directory/objects.ts';
import { empty } from '../directory-job.ts';
import type { Tenant } from '../tenant.ts';
import { friendlyCountry, type MailContact, type Personal } from './contact.ts';

/** The job across tenants as an administrator describes it. Everything here shares no code with `src/`. */
export interface ContactJob {
  /** Id of the job in the marks. */
  readonly route: string;
  readonly sourceGroups: readonly string[];
  /** Stands behind every name. */
  readonly suffix?: string;
  readonly markIn?: string;
  /** Their contacts show no mobile number. */
  readonly withoutMobile?: readonly string[];
  /** The manager's contact stands as manager, where there is one. */
  readonly managers?: boolean;
  /** Groups that have an address are shown as well. */
  readonly mailGroups?: boolean;
}

interface Shown {
  readonly displayName: string;
  readonly address: string;
  readonly personal: Readonly<Partial<Record<Personal, string>>>;
  readonly otherTelephone: readonly string[];
}

export interface ContactDivergence {
  readonly kind: 'missing' | 'extra' | 'fields';
  readonly source: string;
  readonly fields: readonly string[];
}

export interface ContactComparison {
  readonly divergences: readonly ContactDivergence[];
  readonly duplicates: number;
  readonly foreignTouched: number;
  readonly contacts: number;
}

/** What the target must show, by the person's id. Whoever's address is held by somebody else there is shown to nobody. */
function expectedInExchange(source: Tenant, target: Tenant, job: ContactJob): ReadonlyMap<string, Shown> {
  const withoutMobile = new Set(
    (job.withoutMobile ?? []).flatMap((group) => [...source.directory.transitiveMembers(group)]),
  );
  const people = new Set(job.sourceGroups.flatMap((group) => [...source.directory.transitiveMembers(group)]));
  const expected = new Map<string, Shown>();
  for (const id of people) {
    const user = source.directory.user(id);
    if (user === undefined || isLeftOut(user) || isHeld(target, user.mail ?? '')) continue;
    const shown = shownAs(user, job.suffix ?? '');
    const { MobilePhone: _hidden, ...rest } = shown.personal;
    expected.set(id, withoutMobile.has(id) ? { ...shown, personal: rest } : shown);
  }
  for (const { id, displayName, mail } of job.mailGroups === true ? source.directory.mailGroups() : []) {
    if (mail === null || isHeld(target, mail)) continue;
    const name = `${displayName ?? ''}${job.suffix ?? ''}`;
    expected.set(id, { displayName: name, address: mail, personal: {}, otherTelephone: [] });
  }
  return expected;
}

/** Holds Exchange, as it truly is, against the directory of the other tenant. */
export function compareContacts(source: Tenant, target: Tenant, job: ContactJob): ContactComparison {
  const expected = expectedInExchange(source, target, job);
  const ours = Map.groupBy(managed(target, job), ({ person }) => person);
  const divergences: ContactDivergence[] = [];
  let duplicates = 0;
  const managerIn = managersIn(source, ours);
  for (const [person, contacts] of ours) {
    duplicates += contacts.length - 1;
    const want = expected.get(person);
    for (const { contact } of contacts) {
      if (want === undefined) divergences.push({ kind: 'extra', source: person, fields: [] });
      else {
        // With an address that a guest has by now the contact keeps the one of before.
        const isKept = isGuest(target, want.address);
        const fields = differences(want, contact).filter(
          (name) => !isKept || name !== 'ExternalEmailAddress',
        );
        if (job.managers === true && contact.manager !== managerIn(person)) fields.push('Manager');
        if (fields.length > 0) divergences.push({ kind: 'fields', source: person, fields });
      }
    }
  }
  for (const [person, { address }] of expected)
    if (!ours.has(person) && !isGuest(target, address))
      divergences.push({ kind: 'missing', source: person, fields: [] });
  return {
    divergences,
    duplicates,
    foreignTouched:
      target.oracles.count('foreign-touched') +
      target.oracles.count('guest-touched') +
      target.oracles.count('duplicate-mark'),
    contacts: [...ours.values()].flat().length,
  };
}

/** Whose contact a contact is to report to, by Guid: nobody's where the manager is not shown, or is themselves. */
function managersIn(source: Tenant, ours: ReadonlyMap<string, readonly { readonly contact: MailContact }[]>) {
  return (person: string): string | null => {
    const manager = source.directory.user(source.directory.user(person)?.manager ?? '');
    if (manager === undefined || manager.id === person) return null;
    return ours.get(manager.id)?.[0]?.contact.guid ?? null;
  };
}

/** Contacts of the job, by mark, or by an alias that bears the person's id and that nobody else makes. */
function managed(
  target: Tenant,
  { route, markIn = 'CustomAttribute15' }: ContactJob,
): { readonly person: string; readonly contact: MailContact }[] {
  return target.exchange.recipients.contacts().flatMap((contact) => {
    const [version, , of, person] = (contact.custom[markIn] ?? '').split('|');
    if (version === 'ECS1' && of === route && person !== undefined) return { person, contact };
    const hex = /^ecs-[0-9a-f]{8}-([0-9a-f]{32})$/.exec(contact.alias)?.[1];
    const id = hex?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    // Made, and not marked yet.
    return id === undefined || contact.custom[markIn] !== undefined ? [] : { person: id, contact };
  });
}

function isLeftOut(user: User): boolean {
  const { accountEnabled, userType, showInAddressList, mail, userPrincipalName } = user;
  const isSomebody = user.assignedLicenses.length > 0 || !empty(user.givenName) || !empty(user.surname);
  const isGuest = userType === 'Guest' || userPrincipalName.includes('#EXT#');
  return !accountEnabled || isGuest || showInAddressList === false || empty(mail) || !isSomebody;
}

/** Somebody else of the target has the address: a user, a guest, a group, or a contact that is not ours. */
function isHeld({ exchange }: Tenant, address: string): boolean {
  const { recipients } = exchange;
  const wanted = address.toLowerCase();
  if (recipients.others().some(({ addresses }) => addresses.some((one) => one.toLowerCase() === wanted)))
    return true;
  return recipients
    .contacts()
    .some((one) => one.foreign && !one.adoptable && one.address.toLowerCase() === wanted);
}

/** A guest keeps it among the other addresses, where Exchange does not see it: whoever came first, guest or contact, has it. */
function isGuest({ exchange }: Tenant, address: string): boolean {
  return exchange.recipients.userOf(address, 0) !== undefined;
}

function shownAs(user: User, suffix: string): Shown {
  const { displayName, businessPhones, country } = user;
  const personal: Partial<Record<Personal, string | null>> = {
    FirstName: user.givenName,
    LastName: user.surname,
    Title: user.jobTitle,
    Department: user.department,
    Company: user.companyName,
    Office: user.officeLocation,
    MobilePhone: user.mobilePhone,
    Phone: businessPhones[0] ?? null,
    StreetAddress: user.streetAddress,
    City: user.city,
    StateOrProvince: user.state,
    PostalCode: user.postalCode,
    CountryOrRegion: country === null ? null : friendlyCountry(country),
  };
  return {
    displayName: `${displayName ?? ''}${suffix}`,
    address: user.mail ?? '',
    personal: Object.fromEntries(
      Object.entries(personal).flatMap(([name, value]) =>
        empty(value) ? [] : [[name, value?.trim() ?? '']],
      ),
    ),
    otherTelephone: businessPhones.slice(1, 2),
  };
}

function differences(want: Shown, { displayName, address, personal, otherTelephone }: MailContact): string[] {
  const names = new Set([...Object.keys(want.personal), ...Object.keys(personal)]) as Set<Personal>;
  return [
    ...(want.displayName === displayName ? [] : ['DisplayName']),
    ...(want.address === address ? [] : ['ExternalEmailAddress']),
    ...[...names].filter((name) => (want.personal[name] ?? '') !== (personal[name] ?? '')),
    ...(want.otherTelephone.join() === otherTelephone.join() ? [] : ['OtherTelephone']),
  ];
}
