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
