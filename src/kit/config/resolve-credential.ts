import { certificateFault } from './certificate.ts';
import type { CredentialConfig, IdentityConfig } from './credential-config.ts';
import type { CredentialValues } from './credential.ts';
import type { Place } from './cursor.ts';
import { absoluteOf, follow, report, type Located, type Resolving } from './references.ts';
import { Secret, type SecretReference } from './secret.ts';

/** The instance metadata service of a virtual machine (learn.microsoft.com/azure/virtual-machines/instance-metadata-service). */
const IMDS = 'http://169.254.169.254';

/** Follows what a credential refers to. Reports what is missing. */
export function resolveCredential(
  { value: given, place }: CredentialValues,
  allowed: { readonly clientSecret: boolean },
  resolving: Resolving,
): CredentialConfig {
  switch (given.key) {
    case 'certificate':
      return { kind: 'certificate', pem: certificate(given.value, resolving) };
    case 'pfx': {
      const { file, passphrase } = given.value;
      const absolute = absoluteOf(file.value, resolving);
      if (resolving.secrets === 'read') demandFile({ value: absolute, place: file.place }, resolving);
      return { kind: 'pfx', file: absolute, passphrase: follow(passphrase, resolving) };
    }
    case 'keyVault': {
      const { vault, certificate: name, identity, identityClientId } = given.value;
      const workload = { clientId: identityClientId, tenantId: null, tokenFile: null, what: 'a vault' };
      const how =
        identity === 'managedIdentity'
          ? managedIdentity(identityClientId, place, resolving)
          : workloadIdentity(workload, place, resolving);
      return { kind: 'keyVault', vault, certificate: name, identity: how };
    }
    case 'windowsStore':
      return { kind: 'windowsStore', thumbprint: given.value.thumbprint };
    case 'managedIdentity':
      return managedIdentity(given.value.clientId, place, resolving);
    case 'workloadIdentity':
      return { kind: 'workloadIdentity', token: federatedToken(given.value.tokenFile, place, resolving) };
    case 'clientSecret':
      if (!allowed.clientSecret) {
        report(
          resolving,
          given.value.place,
          'a client secret takes allowClientSecret: true beside credential',
        );
      }
      return { kind: 'clientSecret', secret: follow(given.value, resolving) };
  }
}

function certificate(reference: Located<SecretReference>, resolving: Resolving): Secret {
  const secret = follow(reference, resolving);
  const fault = secret.isRead ? certificateFault(secret.text()) : undefined;
  if (fault !== undefined) report(resolving, reference.place, `${secret.reference} ${fault}`);
  return secret;
}

function demandFile({ value, place }: Located<string>, resolving: Resolving): void {
  follow({ value: { from: 'file', name: value }, place }, resolving);
}

/** App Service and its like name their endpoint in the environment; everywhere else the virtual machine's is asked. */
export function managedIdentity(clientId: string | null, place: Place, resolving: Resolving): IdentityConfig {
  const {
    IDENTITY_ENDPOINT: url,
    IDENTITY_HEADER: header,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: host,
  } = resolving.env;
  if (url === undefined)
    return { kind: 'managedIdentity', clientId, endpoint: { kind: 'imds', origin: host ?? IMDS } };
  if (header === undefined && resolving.secrets === 'read')
    report(
      resolving,
      place,
      'IDENTITY_ENDPOINT is set without IDENTITY_HEADER: the identity of an Azure Arc host is not supported',
    );
  const secret = new Secret('env:IDENTITY_HEADER', resolving.secrets === 'read' ? header : undefined);
  return { kind: 'managedIdentity', clientId, endpoint: { kind: 'app-service', url, header: secret } };
}

interface WorkloadValues {
  readonly clientId: string | null;
  readonly tenantId: string | null;
  readonly tokenFile: Located<string> | null;
  /** What it opens. */
  readonly what: string;
}

/** The identity that opens something else than Graph; it may live in another tenant than the one that is synced. */
export function workloadIdentity(
  { clientId, tenantId, tokenFile, what }: WorkloadValues,
  place: Place,
  resolving: Resolving,
): IdentityConfig {
  const { AZURE_CLIENT_ID, AZURE_TENANT_ID } = resolving.env;
  const [client, tenant] = [clientId ?? AZURE_CLIENT_ID, tenantId ?? AZURE_TENANT_ID];
  if ((client === undefined || tenant === undefined) && resolving.secrets === 'read')
    report(
      resolving,
      place,
      `workloadIdentity for ${what} takes AZURE_TENANT_ID and AZURE_CLIENT_ID, or their ids here`,
    );
  const token = federatedToken(tokenFile, place, resolving);
  return { kind: 'workloadIdentity', token, tenantId: tenant ?? '', clientId: client ?? '' };
}

/** The webhook of Azure Workload Identity names the file in the environment. */
function federatedToken(file: Located<string> | null, place: Place, resolving: Resolving): Secret {
  const name = file?.value ?? resolving.env['AZURE_FEDERATED_TOKEN_FILE'];
  if (name !== undefined)
    return follow({ value: { from: 'file', name }, place: file?.place ?? place }, resolving);
  if (resolving.secrets === 'read')
    report(resolving, place, 'AZURE_FEDERATED_TOKEN_FILE is not set, and there is no tokenFile');
  return new Secret('env:AZURE_FEDERATED_TOKEN_FILE', undefined);
}
