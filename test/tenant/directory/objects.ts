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
  readonly mail: string | null;
  readonly mailNickname: string | null;
  readonly proxyAddresses: readonly string[];
}

/** Somebody outside whom the organisation keeps in its address book; no account. Nobody can subscribe to them: only delta tells. */
export interface OrgContact {
  readonly id: string;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly mail: string | null;
  readonly mailNickname: string | null;
  readonly proxyAddresses: readonly string[];
  /** One of each type at the most (learn.microsoft.com/graph/api/resources/orgcontact). */
  readonly phones: readonly {
    readonly type: 'business' | 'mobile' | 'businessFax';
    readonly number: string | null;
  }[];
  /** One at the most, for now (ibidem). */
  readonly addresses: readonly Readonly<
    Record<'city' | 'countryOrRegion' | 'officeLocation' | 'postalCode' | 'state' | 'street', string | null>
  >[];
}

/**
 * Part of a directory that somebody administers: direct members only, whatever kind they are of. A group in one does not
 * bring its members along (learn.microsoft.com/entra/identity/role-based-access-control/administrative-units).
 */
export interface AdministrativeUnit {
  readonly id: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly visibility: string | null;
}

/** What the directory holds, by the path at which it is found. */
export interface Objects {
  readonly users: User;
  readonly groups: Group;
  readonly contacts: OrgContact;
  readonly administrativeUnits: AdministrativeUnit;
}

export type Collection = keyof Objects;
export type DirectoryObject = Objects[Collection];

/** The name of a type in `@odata.type` and in casts. */
export const typeOf = {
  users: 'user',
  groups: 'group',
  contacts: 'orgContact',
  administrativeUnits: 'administrativeUnit',
} as const satisfies Record<Collection, string>;

/** Where a collection is found under the version. */
export function pathOf(collection: Collection): string {
  return collection === 'administrativeUnits' ? 'directory/administrativeUnits' : collection;
}

/** A unit has devices, too; a group has contacts. */
export type MemberType = 'user' | 'group' | 'orgContact' | 'device';

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
  readonly collection: Collection;
  readonly id: string;
  readonly version: Version<DirectoryObject>;
  /** Names of the properties that changed; undefined when the object came or went. */
  readonly properties: readonly string[] | undefined;
  readonly members: readonly MemberChange[];
  readonly changeType: 'updated' | 'deleted';
}
