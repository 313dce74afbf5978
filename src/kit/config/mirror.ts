import { jobKind } from './job-kind.ts';
import { object } from './maps.ts';
import { target, type TargetConfig } from './scope.ts';
import { list, optional, required, type Shape } from './shapes.ts';
import { choice, folderName, guid, matching, truth } from './words.ts';

/** By Outlook's names; their numbers are those of MS-OXCMSG, PidTagSensitivity. */
const SENSITIVITIES = ['personal', 'private', 'confidential'] as const;

const hub = object({
  mailbox: required(guid, 'Object id of the shared mailbox.'),
  folder: optional(
    folderName,
    'All Contacts',
    'Its contact folder: one of this name is taken, or else made.',
  ),
});

const privacy = object({
  categories: optional(
    list(matching('^\\S(.{0,253}\\S)?$', 'the name of a category'), { min: 0, max: 100 }),
    ['Private'],
    'Contacts in one of these categories.',
  ),
  sensitivity: optional(
    list(choice(SENSITIVITIES), { min: 0, max: SENSITIVITIES.length }),
    SENSITIVITIES,
    'Contacts that are marked so in Outlook.',
  ),
});

const members: Shape<TargetConfig> = target;

/** The keys of a job `mirror` that no other job has. */
export const mirrorKeys = {
  kind: required(
    jobKind('mirror'),
    'What people keep in Contacts, shared with each other and a shared mailbox.',
  ),
  members: required(members, 'Whose contacts are shared, and who gets those of the others.'),
  hub: required(hub, 'The shared mailbox in which all of them stand.'),
  onDelete: optional(
    choice(['keep', 'everywhere', 'restore']),
    'keep',
    'What becomes of a contact that a member deletes. keep: the others keep theirs. everywhere: it goes, through the guard. restore: it is made again.',
  ),
  updateExisting: optional(truth, true, 'Edits reach the others. false: contacts are only added.'),
  private: optional(
    privacy,
    {},
    'Contacts that stay with their owner. Those in other folders than Contacts do in any case.',
  ),
};
