import type { Switches } from './options.ts';

/** A switch that stands for something that Microsoft's texts leave open, and every answer that a client must survive. */
export type OpenSwitch = Exclude<keyof Switches, Measure>;

/** Not questions but sizes: how a test shapes the tenant. */
type Measure =
  | 'accessTokenSeconds'
  | 'adoptable'
  | 'deltaMembersPerPage'
  | 'deltaPageSize'
  | 'graceMs'
  | 'itemsPerPost'
  | 'mailboxSubscriptionQuota'
  | 'subscriptionQuota';

export const measures: readonly Measure[] = [
  'accessTokenSeconds',
  'adoptable',
  'deltaMembersPerPage',
  'deltaPageSize',
  'graceMs',
  'itemsPerPost',
  'mailboxSubscriptionQuota',
  'subscriptionQuota',
];

const HOUR_MS = 3_600_000;

/** The product runs a whole story with each of them: `either-way.test.ts`. */
export const answers: { readonly [Name in OpenSwitch]: readonly Switches[Name][] } = {
  base64: ['plain', 'url'],
  contactDelta: ['offered', 'absent'],
  contactDeltaIds: ['as-asked', 'regular'],
  contactLeaving: ['told', 'untold'],
  contactsNotify: ['all-folders', 'default-folder'],
  contactSpelling: ['capitals', 'lower-case'],
  contactsShow: ['default-folder', 'all-folders'],
  copyKeepsMarks: [true, false],
  createdChangeType: ['refused', 'ignored'],
  defaultContactsDelta: ['offered', 'absent'],
  deletionInMembersDelta: [true, false],
  deltaExpiry: ['410-location', '410', '404', '400'],
  endpointSample: [2, 20],
  exchangeScoped: [true, false],
  extensionBytesMax: [null, 512],
  extensionPool: [true, false],
  folderConflict: ['ErrorFolderExists', 'nameAlreadyExists', 'allowed'],
  groupDeletion: ['hard', 'soft'],
  ifMatch: ['honoured', 'ignored'],
  lateApplyMs: [1_000, 60_000],
  listLimits: ['known', 'all'],
  mailboxStaleMs: [0, 30_000],
  managerTold: ['everywhere', 'delta', 'nowhere'],
  marksTouchContact: [true, false],
  memberHints: ['flag', 'object', 'partial', 'none'],
  moveTouchesContact: [true, false],
  newFolderParent: ['contacts', 'beside'],
  noPhoto: ['ImageNotFound', 'ErrorItemNotFound', '1x1'],
  normalises: [true, false],
  notesAtCreate: ['kept', 'ignored'],
  notifyAfterMs: [0, 200, 15_000],
  overlongExpiry: ['refused', 'clamped'],
  permanentDeleteStatus: [200, 204],
  photoNotifies: [true, false],
  photoTouchesContact: [true, false],
  plainSensitivity: ['zero', 'absent'],
  provisioningMs: [0, 3 * HOUR_MS],
  reauthorizeEveryMs: [0, HOUR_MS],
  reauthorizeStatus: [200, 204],
  reauthorizeWithinMs: [10 * 60_000, HOUR_MS],
  regeneratesDisplayName: [true, false],
  removedInInitialRound: [true, false],
  scopedSubscriptions: ['accepted', 'refused'],
  staleMs: [0, 30_000],
  textMax: [null, 255],
  wellKnownContacts: ['known', 'unknown'],
};
