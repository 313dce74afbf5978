/** A person as a source shows them, read a moment ago. In memory only. */
export interface Person {
  /** Entra object id, lower case. */
  readonly id: string;
  readonly accountEnabled: boolean | null;
  /** `Member`, `Guest` or null. */
  readonly userType: string | null;
  /** Number of assigned licences: a mailbox of one's own needs at least one. */
  readonly licences: number;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly mail: string | null;
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
}
