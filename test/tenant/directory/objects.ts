/** A person as the directory holds it; what is not set is null when read. */
export interface User {
  readonly id: string;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly mail: string | null;
  readonly userPrincipalName: string;
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
  readonly accountEnabled: boolean;
  readonly userType: 'Member' | 'Guest' | null;
  readonly assignedLicenses: readonly AssignedLicense[];
  readonly createdDateTime: string;
  readonly officeLocation: string | null;
  readonly streetAddress: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly country: string | null;
  /** Two letters (ISO 3166). */
  readonly usageLocation: string | null;
  readonly preferredLanguage: string | null;
  readonly employeeId: string | null;
  readonly employeeType: string | null;
  readonly faxNumber: string | null;
  readonly mailNickname: string | null;
  readonly otherMails: readonly string[];
  readonly imAddresses: readonly string[];
  /** `SMTP:` for the main one, `smtp:` for the others. */
  readonly proxyAddresses: readonly string[];
  /** Null means: shown. */
  readonly showInAddressList: boolean | null;
  readonly isResourceAccount: boolean | null;
  readonly externalUserState: string | null;
  readonly onPremisesSyncEnabled: boolean | null;
  readonly onPremisesDistinguishedName: string | null;
  readonly onPremisesExtensionAttributes: ExtensionAttributes;
  /** Id of the person's manager. No property in Microsoft's eyes but a relation: read by its own path or expanded. */
  readonly manager: string | null;
}

/** What is not named is null; a read shows all fifteen. */
export type ExtensionAttributes = Readonly<Partial<Record<ExtensionAttribute, string | null>>>;

type ExtensionAttribute =
  `extensionAttribute${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15}`;

/** A person with nothing but a name to sign in with. */
export function newUser(id: string, createdDateTime: string, partial: Partial<User>): User {
  return {
    ...nobody,
    userPrincipalName: `${id}@simulated.example`,
    createdDateTime,
    ...partial,
    id,
  };
}

const nobody: Omit<User, 'id' | 'userPrincipalName' | 'createdDateTime'> = {
  displayName: null,
  givenName: null,
  surname: null,
  jobTitle: null,
  department: null,
  companyName: null,
  mail: null,
  mobilePhone: null,
  businessPhones: [],
  accountEnabled: true,
  userType: 'Member',
  assignedLicenses: [],
  officeLocation: null,
  streetAddress: null,
  postalCode: null,
  city: null,
  state: null,
  country: null,
  usageLocation: null,
  preferredLanguage: null,
  employeeId: null,
  employeeType: null,
  faxNumber: null,
  mailNickname: null,
  otherMails: [],
  imAddresses: [],
  proxyAddresses: [],
  showInAddressList: null,
  isResourceAccount: null,
  externalUserState: null,
  onPremisesSyncEnabled: null,
  onPremisesDistinguishedName: null,
  onPremisesExtensionAttributes: {},
  manager: null,
};

/** The names that `onPremisesExtensionAttributes` always has. */
const extensionAttributes = Array.from(
  { length: 15 },
  (_, at) => `extensionAttribute${at + 1}` as ExtensionAttribute,
);

/** A property as a read shows it: what is not set is null, and a list of nothing is empty. */
export function shownValue(object: User | Group, name: string): unknown {
  const value = (object as User & Readonly<Record<string, unknown>>)[name] ?? null;
  if (name !== 'onPremisesExtensionAttributes' || value === null) return value;
  const set = value as ExtensionAttributes;
  return Object.fromEntries(extensionAttributes.map((attribute) => [attribute, set[attribute] ?? null]));
}

export interface AssignedLicense {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

/** The one licence with a mailbox that simulated people have. */
export const mailboxLicense: AssignedLicense = {
  skuId: '05e9a617-0261-4cee-bb44-138d3ef5d965',
  disabledPlans: [],
};

export interface Group {
  readonly id: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly mailEnabled: boolean;
  readonly securityEnabled: boolean;
  readonly createdDateTime: string;
  /** `Unified`: a Microsoft 365 group; `DynamicMembership`: members follow `membershipRule`. */
  readonly groupTypes: readonly string[];
  readonly membershipRule: string | null;
}

export type MemberType = 'user' | 'group';

export interface MemberChange {
  readonly id: string;
  readonly type: MemberType;
  readonly added: boolean;
}

/** `soft`: in deletedItems, restorable. `hard`: gone. */
export type Presence = 'live' | 'soft' | 'hard';

/** What an object was from a moment on. Never changed once made. */
export interface Version<T> {
  readonly at: number;
  readonly value: T;
  readonly presence: Presence;
}

/** One write to the directory, as the delta log and the notifier hear of it. */
export interface DirectoryChange {
  readonly collection: 'users' | 'groups';
  readonly id: string;
  readonly version: Version<User> | Version<Group>;
  /** Names of the properties that changed; undefined when the object came or went. */
  readonly properties: readonly string[] | undefined;
  readonly members: readonly MemberChange[];
  readonly changeType: 'updated' | 'deleted';
}
