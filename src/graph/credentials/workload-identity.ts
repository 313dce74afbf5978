import { Fault } from '../../model/fault.ts';
import type { AcquiredToken, Credential, TokenRequest } from '../credential.ts';
import { acquireToken } from '../msal.ts';
import { proven } from './proven.ts';

/**
 * A token of another issuer that the app registration trusts (federated credential), such as a Kubernetes service
 * account's. `read` is asked before every token: the file is replaced well before its end
 * (https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html).
 */
export function workloadIdentity(read: () => string): Credential {
  return proven(async () => ({ proof: { clientAssertion: federatedToken(read) } }));
}

/** For a scope of another service than Graph, too. */
export async function federated(
  request: TokenRequest,
  read: () => string,
  scope?: string,
): Promise<AcquiredToken> {
  return acquireToken(request, { clientAssertion: federatedToken(read) }, scope);
}

function federatedToken(read: () => string): string {
  const token = read().trim();
  if (token === '') throw new Fault('unauthorized', 'the federated token file is empty');
  return token;
}
