import type { IdentityConfig } from '../kit/config/credential-config.ts';
import { originsOf, type CloudName } from '../graph/clouds.ts';
import type { AcquiredToken, TokenRequest } from '../graph/credential.ts';
import { identityToken, type ManagedIdentityOptions } from '../graph/credentials/managed-identity.ts';
import { federated } from '../graph/credentials/workload-identity.ts';

type Managed = Extract<IdentityConfig, { kind: 'managedIdentity' }>;
type Asking = Pick<TokenRequest, 'transport' | 'clock'>;

/** A token of the identity that the host has, for something else than Graph. `resource`: the audience without `/.default`. */
export function hostToken(
  identity: IdentityConfig,
  asking: Asking,
  { resource, cloud }: { readonly resource: string; readonly cloud: CloudName },
): Promise<AcquiredToken> {
  if (identity.kind === 'managedIdentity') return identityToken(managed(identity), asking, resource);
  const { tenantId, clientId, token } = identity;
  const request = { ...asking, tenantId, clientId, origins: originsOf(cloud) };
  return federated(request, () => token.fresh(), `${resource}/.default`);
}

export function managed({ clientId, endpoint }: Managed): ManagedIdentityOptions {
  if (endpoint.kind === 'imds') return { clientId, endpoint };
  const { kind, url, header } = endpoint;
  return { clientId, endpoint: { kind, url, header: () => header.text() } };
}
