/**
 * The tables, as the queries see them. Keys are integers and are never given out twice; times are milliseconds since
 * 1970; what is a word outside (`shown`, `leaving`) is a small integer here (codes.ts). Nothing in here tells who a
 * person is: object ids, item ids, keyed fingerprints, revisions, times.
 */
import type { Generated } from 'kysely';
import type { BookDoubtsTable, BookKeysTable, BookTable } from './tables-of-books.ts';
import type {
  HaltsTable,
  KeptOutTable,
  LeasesTable,
  RecordTable,
  SetbacksTable,
  SuspicionsTable,
  ThrottlesTable,
  TracesTable,
  WaitsTable,
  WorkersTable,
} from './tables-of-work.ts';

export interface Tables {
  routes: RoutesTable;
  people: PeopleTable;
  cards: CardsTable;
  mailboxes: MailboxesTable;
  waits: WaitsTable;
  seats: SeatsTable;
  slabs: SlabsTable;
  places: PlacesTable;
  links: LinksTable;
  book: BookTable;
  book_keys: BookKeysTable;
  book_doubts: BookDoubtsTable;
  audits: AuditsTable;
  healings: HealingsTable;
  tracked: TrackedTable;
  members: MembersTable;
  tokens: TokensTable;
  subscriptions: SubscriptionsTable;
  removals: RemovalsTable;
  halts: HaltsTable;
  kept_out: KeptOutTable;
  record: RecordTable;
  traces: TracesTable;
  suspicions: SuspicionsTable;
  outbox: OutboxTable;
  counters: CountersTable;
  throttles: ThrottlesTable;
  leases: LeasesTable;
  workers: WorkersTable;
  setbacks: SetbacksTable;
}

interface RoutesTable {
  key: Generated<number>;
  id: string;
  job: string;
  source_tenant: string;
  target_tenant: string;
  folder: string;
  definition: string;
  state: number;
}

interface PeopleTable {
  key: Generated<number>;
  tenant: string;
  identity: string;
}

export interface CardsTable {
  route: number;
  person: number;
  fingerprint: Uint8Array;
  revision: number;
  fanned_out: number;
  state: number;
  /** Keyed digest of the picture that the contact is to show; null: none. */
  photo: Uint8Array | null;
  /** Keyed digest of the tag under which the source had that picture; null: never looked. */
  photo_tag: Uint8Array | null;
  /** Whom the card names; null: nobody. */
  refers_to: number | null;
}

interface MailboxesTable {
  key: Generated<number>;
  tenant: string;
  owner: string;
  slab: number;
  state: number;
  reason: string | null;
  not_before: number;
  /** How often it was parked since it last worked. */
  probes: number;
  /** When it was first parked since it last worked; null while it works. */
  troubled_since: number | null;
}

/** How many mailboxes of a tenant ever joined: a seat is not given out twice. */
interface SeatsTable {
  tenant: string;
  taken: number;
}

interface SlabsTable {
  tenant: string;
  slab: number;
  current: number;
  stamped: number;
  distrusted: number | null;
}

export interface PlacesTable {
  key: Generated<number>;
  mailbox: number;
  route: number;
  folder: string | null;
  name: string | null;
  state: number;
  trusted: number;
  filled: number;
  cursor: number;
  dirty: number;
  attempted: number | null;
  adopted: number;
  /** How often it began anew. */
  epoch: number;
  /** The item id that the ids of this place's links are stored against (item-id.ts); null until one is known. */
  stem: string | null;
}

export interface LinksTable {
  person: number;
  place: number;
  item: Uint8Array | null;
  origin: number;
  fingerprint: Uint8Array | null;
  revision: number;
  state: number;
  attempted: number | null;
  /** The picture last confirmed in the item; null: none of ours. */
  photo: Uint8Array | null;
}

/** Places that were verified, or are to be. */
export interface AuditsTable {
  place: number;
  /** Not asked for, or how. */
  due: number;
  folder: string | null;
  token: string | null;
  verified: number | null;
  missing: number;
  changed: number;
  extra: number;
  folder_gone: number;
}

/** Only links whose item was found to differ: most never are. */
interface HealingsTable {
  place: number;
  person: number;
  revision: number;
  times: number;
}

interface TrackedTable {
  key: Generated<number>;
  tenant: string;
  group_id: string;
  kind: number;
  bundle: string | null;
  /** Jobs (space between) that keep people or fields back by this group; null: none does. */
  excepts: string | null;
  /** Since when the service does not know the group; null while it does, or before it was asked. */
  missing: number | null;
  /** Jobs that still have to approve before the members of a missing group are let go; null: they have gone. */
  kept_for: string | null;
}

interface MembersTable {
  /** Key of the tracked group. */
  container: number;
  /** Object id of the direct member. */
  member: string;
  kind: number;
}

interface TokensTable {
  tenant: string;
  name: string;
  current: string;
  previous: string | null;
  at: number;
}

interface SubscriptionsTable {
  tenant: string;
  id: string;
  resource: string;
  notification_url: string;
  expires: number;
  nonce: string;
}

interface RemovalsTable {
  job: string;
  kind: number;
  subject: string;
  tenant: string;
  state: number;
  at: number;
}

export interface OutboxTable {
  entry: Generated<number>;
  kind: number;
  tenant: string;
  id: string;
  cause: number;
  at: number;
}

interface CountersTable {
  name: string;
  value: number;
}
