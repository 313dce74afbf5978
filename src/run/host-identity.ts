import type { IdentityConfig } from '../kit/config/credential-config.ts';
import type { AcquiredToken, TokenRequest } from '../graph/credential.ts';
import { identityToken, type ManagedIdentityOptions } from '../graph/credentials/managed-identity.ts';
import { federated } from '../graph/credentials/workload-identity.ts';

type Managed = Extract<IdentityConfig, { kind: 'managedIdentity' }>;
type Asking = Pick<TokenRequest, 'transport' | 'clock'>;

/** A token of the identity that the host has, for something else than Graph. `resource`: the audience without `/.default`. */
export function hostToken(
  identity: IdentityConfig,
  asking: Asking,
  { resource, origins }: { readonly resource: string } & Pick<TokenRequest, 'origins'>,
): Promise<AcquiredToken> {
  if (identity.kind === 'managedIdentity') return identityToken(managed(identity), asking, resource);
  const { tenantId, clientId, token } = identity;
  const request = { ...asking, tenantId, clientId, origins };
  return federated(request, () => token.fresh(), `${resource}/.default`);
}

export function managed({ clientId, endpoint }: Managed): ManagedIdentityOptions {
  if (endpoint.kind === 'imds') return { clientId, endpoint };
  const { kind, url, header } = endpoint;
  return { clientId, endpoint: { kind, url, header: () => header.text() } };
}
