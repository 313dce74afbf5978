import { BAD } from './cursor.ts';
import { jobKind } from './job-kind.ts';
import { object } from './maps.ts';
import type { Located } from './references.ts';
import { targetKeys, targetOf, type TargetConfig } from './scope.ts';
import { list, located, maybe, optional, required, type Shape } from './shapes.ts';
import { choice, folderName, guid, matching, truth } from './words.ts';

/** What keeps a contact with its owner: one of these categories, in whatever case, or one of these degrees of sensitivity. */
export interface PrivateConfig {
  readonly categories: readonly string[];
  readonly sensitivity: readonly Sensitivity[];
}

/** As Outlook calls them. `normal` is what everything else is. */
const SENSITIVITY = ['private', 'confidential', 'personal'] as const;
export type Sensitivity = (typeof SENSITIVITY)[number];

const hub = object({
  mailbox: required(guid, 'The mailbox in the middle, a shared one as a rule: object id of its account.'),
  folder: optional(
    located(folderName),
    'All Contacts',
    'Its folder that the contacts stand in, made where there is none.',
  ),
});

const membersShape = object({
  ...targetKeys,
  folder: maybe(
    located(folderName),
    'A folder beside Contacts, made in the mailbox of every member: what others keep comes into it, and not into Contacts.',
  ),
});

/** Whose contacts are shared, and into which folder those of others come. */
const members: Shape<TargetConfig & { readonly folder: Located<string> | null }> = {
  ...membersShape,
  read(cursor) {
    const read = membersShape.read(cursor);
    return read === BAD ? BAD : { ...targetOf(read), folder: read.folder };
  },
};

const privateRules = object({
  categories: optional(
    list(matching('\\S', 'the name of a category'), { min: 0, max: 100 }),
    ['Private'],
    'Whoever gives a contact one of these categories keeps it. Upper and lower case are the same.',
  ),
  sensitivity: optional(
    list(choice(SENSITIVITY), { min: 0, max: SENSITIVITY.length }),
    [...SENSITIVITY],
    'Contacts of these degrees of sensitivity are kept.',
  ),
});

/** Keys of the job `mirror`; the others are those of every job. */
export const mirrorKeys = {
  kind: required(jobKind('mirror'), 'Contacts that mailboxes share by way of a shared mailbox.'),
  members: required(
    members,
    'Whose contacts are shared, and who receives them: the forms are those of target. The hub never is one of them.',
  ),
  hub: required(hub, 'Where they meet.'),
  onDelete: optional(
    choice(['keep', 'everywhere', 'restore']),
    'keep',
    'What becomes of a contact that somebody deletes: the others keep it; it goes from all, through the guard; it comes back.',
  ),
  updateExisting: optional(truth, true, 'Whether edits travel; false: contacts are only added.'),
  stampNotes: optional(
    truth,
    false,
    'Whether the notes of each contact get the line of the mirroring script: SyncId, CreatedBy, LastUpdatedAt, LastUpdatedBy.',
  ),
  private: optional(
    privateRules,
    {},
    'Which contacts their owners keep to themselves. Those in other folders than Contacts are never shared.',
  ),
};
