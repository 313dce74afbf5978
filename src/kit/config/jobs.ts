import { crossTenantKeys } from './cross-tenant.ts';
import { mappingKeys } from './fields.ts';
import { jobKind } from './job-kind.ts';
import { byKind, object } from './maps.ts';
import { mirrorKeys } from './mirror.ts';
import { source, target } from './scope.ts';
import { located, maybe, optional, required, type Shape } from './shapes.ts';
import { choice, folderName, matching, number, truth, wholeNumber } from './words.ts';

/** Ids stand in marks, subscriptions and the ledger for good: short, lower case, safe in a URL. */
export const ID = {
  pattern: '^[a-z][a-z0-9-]{0,39}$',
  expected: 'an id of lower-case letters, digits and dashes (40 at most)',
};

const guard = object({
  count: optional(wholeNumber(0, 1_000_000), 20, 'This many removals in 24 hours are always let through.'),
  percent: optional(
    number(0, 100),
    10,
    'So many removals, in percent of the people in scope, are let through.',
  ),
});

const adopt = object({
  cync: optional(truth, false, 'Contacts that CYNC marked as its own, in whatever folder.'),
  folder: maybe(folderName, 'Contacts in the folder of this name.'),
  match: optional(choice(['email']), 'email', 'How a contact of that folder is told to be a person.'),
});

const tenantId = located(matching(ID.pattern, 'the id of a tenant in this file'));
const guardKey = optional(
  guard,
  {},
  'Removals beyond max(count, percent of scope) in 24 hours wait for approval.',
);

const directoryJob = object({
  kind: required(jobKind('directory'), 'What the job does.'),
  tenant: required(tenantId, 'A tenant of this file.'),
  source: required(source, 'Who is shown.'),
  target: required(target, 'Who receives the contacts.'),
  folder: required(
    located(folderName),
    'Contact folder, made in every mailbox. May be renamed at any time. One job each.',
  ),
  adopt: optional(
    adopt,
    {},
    'Contacts of before that are taken over instead of made anew, where exactly one is a person. They stay when the person goes.',
  ),
  ownContact: optional(
    truth,
    false,
    'Whether people find themselves among the contacts of their own mailbox.',
  ),
  ...mappingKeys,
  guard: guardKey,
});

const crossTenantJob = object({
  ...crossTenantKeys,
  tenant: required(tenantId, 'The tenant of this file whose people are shown.'),
  target: required(
    object({
      tenant: required(tenantId, 'The tenant of this file in whose Exchange Online they are shown.'),
    }),
    'Where they are shown.',
  ),
  guard: guardKey,
});

const mirrorJob = object({
  ...mirrorKeys,
  tenant: required(tenantId, 'The tenant of this file whose mailboxes share contacts.'),
  guard: guardKey,
});

/** What a job is, by its kind. */
export const job = byKind({ directory: directoryJob, 'cross-tenant': crossTenantJob, mirror: mirrorJob });

type ReadBy<S> = S extends Shape<infer T> ? T & { readonly id: string } : never;
export type DirectoryValues = ReadBy<typeof directoryJob>;
export type CrossTenantValues = ReadBy<typeof crossTenantJob>;
export type MirrorValues = ReadBy<typeof mirrorJob>;
