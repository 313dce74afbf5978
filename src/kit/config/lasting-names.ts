import { createHash, hkdfSync } from 'node:crypto';
import { GUID, quoted, type Imported } from './imported.ts';
import type { MirroredTenant, Variables } from './mirroring-variables.ts';

/*
 * Where nothing outlives a run but the variables that it is started with, the id in every mark, the ids of jobs and the key of the
 * fingerprints follow from these: else the next run would not know its own contacts.
 */

/** Goes before the id that is made here. */
export const DEPLOYMENT_VARIABLE = 'CONTACT_SYNC_DEPLOYMENT';
/** Goes before the key that is made here. */
const KEY_VARIABLE = 'CONTACT_SYNC_FINGERPRINT_KEY';
const KEY_FILE = 'fingerprint-key';

/** Of its id alone: neither its place in a list nor its domain, which may be given later, changes it. */
export function lastingIdOf(tenant: MirroredTenant): string | undefined {
  const id = tenant.value('TenantId');
  return GUID.test(id) ? `tenant-${id.replaceAll('-', '').slice(0, 10)}` : undefined;
}

/** The top of a configuration. */
export function lastingLines(tenants: readonly MirroredTenant[], variables: Variables): string[] {
  const key =
    keyIn(variables) === '' ? `file:./${KEY_FILE}` : `env:${KEY_VARIABLE} # put in place of the derived one`;
  return [
    `deployment: ${quoted(lastingDeployment(tenants, variables))} # stands in every mark: it never changes`,
    ...(keyIn(variables) !== '' || secretIn(tenants) !== '' ? [`fingerprintKey: ${key}`] : []),
  ];
}

/** The key that `lastingLines` refers to as a file. */
export function lastingSecrets(
  tenants: readonly MirroredTenant[],
  variables: Variables,
): Imported['secrets'] {
  const secret = secretIn(tenants);
  if (secret === '' || keyIn(variables) !== '') return [];
  // Whoever has the ledger must not be able to guess numbers, so the key is made of what only the app knows.
  const salt = lastingDeployment(tenants, variables);
  const key = hkdfSync('sha256', secret, salt, 'entra-contact-sync fingerprint key', 32);
  return [{ file: KEY_FILE, text: Buffer.from(key).toString('hex') }];
}

/** Whether the key of a configuration was made here, and would be another one under another client secret. */
export function isKeyDerived(secrets: Imported['secrets']): boolean {
  return secrets.some(({ file }) => file === KEY_FILE);
}

/**
 * Of the first tenant and its hub: further tenants may come and go behind it, and whoever mirrors into two hubs of one tenant has
 * two installations, neither of which takes the other's contacts for its own.
 */
function lastingDeployment([first]: readonly MirroredTenant[], variables: Variables): string {
  const given = variables[DEPLOYMENT_VARIABLE]?.trim() ?? '';
  if (given !== '') return given;
  const ids = (['TenantId', 'GlobalAddressBookUserId'] as const).map((key) =>
    first?.value(key).toLowerCase(),
  );
  return `mirroring-${createHash('sha256').update(ids.join('|')).digest('hex').slice(0, 16)}`;
}

function secretIn([first]: readonly MirroredTenant[]): string {
  return first?.value('ClientSecret') ?? '';
}

function keyIn(variables: Variables): string {
  return variables[KEY_VARIABLE]?.trim() ?? '';
}
