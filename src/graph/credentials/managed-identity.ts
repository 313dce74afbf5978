import type { HttpResponse } from '../../kit/transport.ts';
import type { AcquiredToken, Credential, TokenRequest } from '../credential.ts';
import { field, text } from '../../kit/json.ts';
import { ask, codeOf, parsed, refusal } from './ask.ts';

/** Where the host gives tokens to what runs on it. */
export type IdentityEndpoint =
  /** A virtual machine's: learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token. */
  | { readonly kind: 'imds'; readonly origin: string }
  /** App Service, Functions, Container Apps: learn.microsoft.com/azure/app-service/overview-managed-identity. */
  | { readonly kind: 'app-service'; readonly url: string; readonly header: () => string };

export interface ManagedIdentityOptions {
  readonly endpoint: IdentityEndpoint;
  /** Of a user-assigned identity; null: the system-assigned one. */
  readonly clientId: string | null;
}

const WHO = 'the identity endpoint';
const BEING_UPDATED: ReadonlySet<number> = new Set([404, 410]);
const VERSIONS = { imds: '2018-02-01', 'app-service': '2019-08-01' } as const;

/** The identity that the host itself has: no secret anywhere. Its service principal bears the permissions. */
export function managedIdentity(options: ManagedIdentityOptions): Credential {
  return { acquire: (request) => identityToken(options, request, request.resource ?? request.origins.graph) };
}

/** A token for `resource`, the audience without `/.default`. */
export async function identityToken(
  { endpoint, clientId }: ManagedIdentityOptions,
  { transport, clock }: Pick<TokenRequest, 'transport' | 'clock'>,
  resource: string,
): Promise<AcquiredToken> {
  const url = new URL(
    endpoint.kind === 'imds' ? `${endpoint.origin}/metadata/identity/oauth2/token` : endpoint.url,
  );
  url.searchParams.set('api-version', VERSIONS[endpoint.kind]);
  url.searchParams.set('resource', resource);
  if (clientId !== null) url.searchParams.set('client_id', clientId);
  const headers: Record<string, string> =
    endpoint.kind === 'imds' ? { Metadata: 'true' } : { 'X-IDENTITY-HEADER': endpoint.header() };
  const request = { method: 'GET', url: url.href, headers };
  return tokenOf(await ask({ transport, clock }, request, WHO), clock.now());
}

function tokenOf(response: HttpResponse, now: number): AcquiredToken {
  const body = parsed(response.body);
  const token = text(body, 'access_token');
  // App Service says only when it ends, in seconds since 1970; a virtual machine says both, as texts.
  const seconds = Number(field(body, 'expires_in') ?? Number(field(body, 'expires_on')) - now / 1000);
  if (response.status === 200 && token !== null && seconds > 0) return { token, lifetimeMs: seconds * 1000 };
  // The endpoint is being updated (how-to-use-vm-token, error handling).
  const status = BEING_UPDATED.has(response.status) ? 503 : response.status;
  const code = codeOf(field(body, 'error'));
  throw refusal({ ...response, status }, { who: WHO, code, now });
}
