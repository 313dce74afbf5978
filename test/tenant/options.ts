import type { Clock } from '../../src/kit/clock.ts';
import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import type { ExchangeSwitches } from './exchange/options.ts';
import type { Faults } from './faults.ts';
import type { Ceilings } from './http/ceilings.ts';
import type { LatencyMs } from './http/latency.ts';

export interface TenantOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** A fixed one unless given, so that runs replay. */
  readonly tenantId?: string;
  /** Origins at which the in-process face answers; links are built from the origin that was asked. */
  readonly graphHost?: string;
  readonly loginHost?: string;
  /** How notifications and handshakes reach the receiver. Without it every delivery is refused. */
  readonly deliver?: Transport;
  /**
   * Milliseconds that one request, or one part of a batch, takes on the tenant's clock; a batch runs four parts against
   * Outlook at a time. For every operation, or by operation (`GET users/{id}`) with `else` for the others. 0 unless given.
   */
  readonly latencyMs?: LatencyMs;
  /** Microsoft's unless given. */
  readonly ceilings?: Partial<Ceilings>;
  readonly faults?: Faults;
  /** `strict`: a bearer token of this tenant's token endpoint is demanded. `open`: any or none will do. */
  readonly auth?: 'strict' | 'open';
  /** The app registration; certificates may also be registered later. */
  readonly app?: {
    readonly clientId?: string;
    readonly certificates?: readonly string[];
    /** Application permissions that were consented to; the three of the main job unless given. They stand in the token. */
    readonly roles?: readonly string[];
  };
  readonly switches?: Partial<Switches>;
  /** How its Exchange behaves. */
  readonly exchange?: Partial<ExchangeSwitches>;
}

/**
 * What Microsoft's texts leave open, disagree on, or let vary. A client must survive every setting; the README
 * says which fact is behind each.
 */
export interface Switches {
  /** How long after a directory write a read or a delta page may still miss it, in milliseconds. */
  staleMs: number;
  /** The same of a mailbox: how long after a write there a read, a listing or a delta page may still miss it. */
  mailboxStaleMs: number;
  deltaPageSize: number;
  /** Members of one group on one delta page; the group repeats on the next. */
  deltaMembersPerPage: number;
  /** Soft-deleted objects, and members who left, appear as `@removed` in an initial round too. */
  removedInInitialRound: boolean;
  /** How an expired or forgotten delta token is answered; faults draw one of these. */
  deltaExpiry: DeltaExpiry;
  /** Deleting a user also reports the loss in `members@delta` of the user's groups. */
  deletionInMembersDelta: boolean;
  /** A group goes to deletedItems (`soft`, notified as `updated`) or is gone at once (`hard`, `deleted`). */
  groupDeletion: 'hard' | 'soft';
  /** What a second folder of the same name meets. */
  folderConflict: 'ErrorFolderExists' | 'nameAlreadyExists' | 'allowed';
  /** `GET /users/{id}/contacts` shows the default folder, or every folder. */
  contactsShow: 'default-folder' | 'all-folders';
  /** Contacts delta is offered, or not, as in China (learn.microsoft.com/graph/api/contact-delta). */
  contactDelta: 'offered' | 'absent';
  /** `GET users/{id}/contacts/delta`, beside the one of a folder that is named. */
  defaultContactsDelta: 'offered' | 'absent';
  /** `contactFolders/contacts` names the default folder. */
  wellKnownContacts: 'known' | 'unknown';
  /** Whether contacts delta names items by the kind of id that was asked for. */
  contactDeltaIds: 'as-asked' | 'regular';
  /** The owners agreed that contacts of theirs are adopted: marking one is no trespass. */
  adoptable: boolean;
  /** A contact PATCH without `displayName` that touches a name part gets a new one. */
  regeneratesDisplayName: boolean;
  /** Exchange trims white space around text, and drops addresses that are no plain SMTP address. */
  normalises: boolean;
  /** How a notification about a group names those who came and left: complete or not, as a flag or an object, or not at all. */
  memberHints: 'flag' | 'object' | 'partial' | 'none';
  /** Whether a folder that is made at the top lies below Contacts or beside it. */
  newFolderParent: 'contacts' | 'beside';
  /** Lists of a contact that are limited: those known to be, or private numbers (2) and chat addresses (3) as well. */
  listLimits: 'known' | 'all';
  /** Characters that a text of a contact may have; null: any number. */
  textMax: number | null;
  /** Bytes that the values of an open extension may take; null: any number. */
  extensionBytesMax: number | null;
  /** A copy that the owner makes of a contact carries the marks. */
  copyKeepsMarks: boolean;
  /** A write of marks alone changes the change key and the time of a contact, is told, and shows in delta. */
  marksTouchContact: boolean;
  /** A move to another folder changes the time of a contact. */
  moveTouchesContact: boolean;
  /** What the sensitivity of a contact reads that nobody ever marked private: 0, or nothing. */
  plainSensitivity: 'zero' | 'absent';
  /** Whether notes that come with the create of a contact are kept. */
  notesAtCreate: 'kept' | 'ignored';
  /** How notifications about contacts are spelled: as recorded for users, or as resources of the API are. */
  contactSpelling: 'capitals' | 'lower-case';
  /** A subscription to `users/{id}/contacts` tells of every folder, or of the default one. */
  contactsNotify: 'all-folders' | 'default-folder';
  /** Whether a contact that goes to another folder or to Deleted Items is told as deleted where it was. */
  contactLeaving: 'told' | 'untold';
  /** Which alphabet the bytes of a picture come in inside a batch. */
  base64: 'plain' | 'url';
  /** `Contacts.ReadWrite` was assigned in Exchange (RBAC for Applications): it stands in no token. */
  exchangeScoped: boolean;
  /** Whether `Contacts.Read` as assigned in Exchange suffices for subscriptions to contacts. */
  scopedSubscriptions: 'accepted' | 'refused';
  /** What the metadata of a picture that is not there answers. */
  noPhoto: 'ImageNotFound' | 'ErrorItemNotFound' | '1x1';
  /** Whether a change of a manager comes as a notification and in delta, in delta alone, or not at all. */
  managerTold: 'everywhere' | 'delta' | 'nowhere';
  /** A new picture of a person comes as a notification about the person. */
  photoNotifies: boolean;
  /** A new picture changes the change key and the time of a contact. */
  photoTouchesContact: boolean;
  ifMatch: 'honoured' | 'ignored';
  /** Inline open extensions count against 455 requests in 10 s per tenant. */
  extensionPool: boolean;
  /** How many subscriptions an app may have in a tenant. */
  subscriptionQuota: number;
  /** How many subscriptions there may be to contacts of one mailbox. */
  mailboxSubscriptionQuota: number;
  /** An expiry beyond what the resource allows: 41,760 minutes, of contacts 10,080. */
  overlongExpiry: 'refused' | 'clamped';
  /** `created` in the change type of a directory subscription. */
  createdChangeType: 'refused' | 'ignored';
  reauthorizeStatus: 200 | 204;
  permanentDeleteStatus: 200 | 204;
  /** How long after a change its notification is posted, in milliseconds; what falls together shares a POST. */
  notifyAfterMs: number;
  itemsPerPost: number;
  /** Answers an endpoint must have given in a window before it can be called slow or dropped. */
  endpointSample: number;
  /** How often a live subscription is asked to reauthorize, in milliseconds; 0: only on request. */
  reauthorizeEveryMs: number;
  /** How long a reauthorization may take before notifications pause, in milliseconds. */
  reauthorizeWithinMs: number;
  /** How long a newly licensed user has no mailbox yet, in milliseconds. */
  provisioningMs: number;
  /** A write answered with 504 may be applied up to this much later, in milliseconds. */
  lateApplyMs: number;
  accessTokenSeconds: number;
  /** Slack of the oracles' clock against a client that runs in another process, in milliseconds. */
  graceMs: number;
}

type DeltaExpiry = '410-location' | '410' | '404' | '400';

export const defaultSwitches: Switches = {
  staleMs: 30_000,
  mailboxStaleMs: 0,
  deltaPageSize: 100,
  deltaMembersPerPage: 100,
  removedInInitialRound: true,
  deltaExpiry: '410-location',
  deletionInMembersDelta: false,
  managerTold: 'everywhere',
  groupDeletion: 'hard',
  folderConflict: 'ErrorFolderExists',
  contactsShow: 'default-folder',
  adoptable: false,
  contactDelta: 'offered',
  defaultContactsDelta: 'absent',
  wellKnownContacts: 'unknown',
  contactDeltaIds: 'as-asked',
  regeneratesDisplayName: true,
  normalises: false,
  memberHints: 'flag',
  newFolderParent: 'contacts',
  listLimits: 'known',
  textMax: null,
  extensionBytesMax: null,
  copyKeepsMarks: true,
  marksTouchContact: true,
  moveTouchesContact: false,
  plainSensitivity: 'absent',
  notesAtCreate: 'kept',
  contactSpelling: 'capitals',
  contactsNotify: 'all-folders',
  contactLeaving: 'told',
  base64: 'plain',
  exchangeScoped: false,
  scopedSubscriptions: 'accepted',
  noPhoto: 'ImageNotFound',
  photoNotifies: false,
  photoTouchesContact: true,
  ifMatch: 'honoured',
  extensionPool: false,
  subscriptionQuota: 100,
  mailboxSubscriptionQuota: 1_000,
  overlongExpiry: 'refused',
  createdChangeType: 'refused',
  reauthorizeStatus: 204,
  permanentDeleteStatus: 204,
  notifyAfterMs: 200,
  itemsPerPost: 100,
  endpointSample: 20,
  reauthorizeEveryMs: 0,
  reauthorizeWithinMs: 3_600_000,
  provisioningMs: 0,
  lateApplyMs: 60_000,
  accessTokenSeconds: 3_599,
  graceMs: 0,
};
