import type { SecretPart } from '../kit/config/config.ts';

/** What one process does of the service. `all` is every role in one. */
export type RoleName = 'all' | 'receiver' | 'worker' | 'keeper' | 'dashboard';

/** What opens ledger and queues to work on them. */
export type ServiceRole = Exclude<RoleName, 'receiver' | 'dashboard'>;

export const ROLES: readonly RoleName[] = ['all', 'receiver', 'worker', 'keeper', 'dashboard'];

/** The secrets that a role uses; those of the others need not be readable where it runs. */
export const SECRETS: Readonly<Record<RoleName, readonly SecretPart[]>> = {
  all: ['tenants', 'clientState', 'fingerprints', 'queue', 'ledger'],
  // What stands in the open knows how to tell a genuine notification, and where to put it.
  receiver: ['clientState', 'queue'],
  worker: ['tenants', 'fingerprints', 'queue', 'ledger'],
  // It makes the subscriptions, so the key goes into what it asks for.
  keeper: ['tenants', 'clientState', 'fingerprints', 'queue', 'ledger'],
  // It reads the directory and a contact, where somebody asks why.
  dashboard: ['tenants', 'fingerprints', 'queue', 'ledger'],
};
