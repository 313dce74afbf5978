/** Wherever the contacts of one person are. Ids, and names of fields: no value of anybody. */
export interface SubjectReport {
  readonly at: string;
  /** One for each source that knows the person: tenants, and what mailboxes share. */
  readonly subjects: readonly Subject[];
}

export interface Subject {
  /** Object id; of a contact that mailboxes share its SyncId. */
  readonly id: string;
  /** A tenant of the configuration. */
  readonly tenant: string;
  /** The job whose mailboxes share the contact; null for a person of the directory. */
  readonly sharedBy: string | null;
  /** Null: nobody keeps them out. */
  readonly keptOut: { readonly by: 'order' | 'configuration'; readonly since: string } | null;
  /** What the person is to each job. */
  readonly cards: readonly SubjectCard[];
  readonly contacts: readonly SubjectContact[];
}

interface SubjectCard {
  readonly job: string;
  readonly route: string;
  readonly state: 'shown' | 'gone' | 'held';
  /** Fields that the job writes for this person; null where the job is not in the configuration any more. */
  readonly fields: readonly string[] | null;
}

interface SubjectContact {
  readonly job: string;
  readonly route: string;
  readonly tenant: string;
  /** Object id of the mailbox's owner; of Exchange in another tenant, the organisation's. */
  readonly mailbox: string;
  /** Null: not known yet. */
  readonly folder: string | null;
  /** Null: a write is under way, and its answer is not known. */
  readonly item: string | null;
  /** `original`: somebody else made it; it stays when the person goes, without our mark. */
  readonly origin: 'made by us' | 'original';
  readonly state: string;
  /** Shows a picture of ours. */
  readonly picture: boolean;
}

/** What an erasure, or its taking back, has ordered. */
export interface SubjectOrder {
  readonly at: string;
  readonly subjects: readonly OrderedSubject[];
}

interface OrderedSubject extends Pick<Subject, 'id' | 'tenant' | 'sharedBy'> {
  /** Contacts that there are, and that go or come back; as far as the ledger knows. */
  readonly contacts: number;
  /** For `compliance.keepOut`: what outlives the ledger. None after it was taken back. */
  readonly keepOut: readonly string[];
}
