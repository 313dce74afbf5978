import type { HttpRequest, HttpResponse, Transport } from '../../../src/kit/transport.ts';
import type { AccessTokens } from './access-tokens.ts';

export interface HostIdentityOptions {
  readonly tokens: Pick<AccessTokens, 'issue'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Client ids of user-assigned identities; the system-assigned one is always there. */
  readonly assigned?: readonly string[];
  /** The App Service shape, where the header must hold this; a virtual machine's without it. */
  readonly header?: string;
  readonly seconds?: number;
}

/** Gives tokens to what runs on a host in Azure, as a virtual machine's metadata service or App Service does. */
export function hostIdentity(options: HostIdentityOptions): Transport {
  return async (request) => answer(options, request, new URL(request.url));
}

function answer(options: HostIdentityOptions, { method, headers }: HttpRequest, url: URL): HttpResponse {
  const { tokens, now, assigned = [], header, seconds = 86_400 } = options;
  const isVirtualMachine = header === undefined;
  if (isVirtualMachine && url.pathname !== '/metadata/identity/oauth2/token')
    return problem(404, 'not_found');
  if (method !== 'GET') return problem(405, 'method_not_allowed');
  // Without the header it could be a request that somebody else made the host send.
  if (isVirtualMachine ? headers['Metadata'] !== 'true' : headers['X-IDENTITY-HEADER'] !== header)
    return problem(isVirtualMachine ? 400 : 401, 'bad_request_102');
  if (url.searchParams.get('api-version') !== (isVirtualMachine ? '2018-02-01' : '2019-08-01'))
    return problem(400, 'bad_request_101');
  const resource = url.searchParams.get('resource');
  if (resource === null || resource.endsWith('/.default')) return problem(400, 'invalid_resource');
  const clientId = url.searchParams.get('client_id');
  if (clientId !== null && !assigned.includes(clientId)) return problem(400, 'invalid_request');
  const ends = String(Math.floor(now() / 1_000) + seconds);
  return json(200, {
    access_token: tokens.issue(resource, seconds),
    expires_on: ends,
    resource,
    token_type: 'Bearer',
    // Texts, and only a virtual machine says how long it lasts.
    ...(isVirtualMachine ? { expires_in: String(seconds), not_before: '0' } : {}),
  });
}

function problem(status: number, error: string): HttpResponse {
  return json(status, { error, error_description: 'Identity not found for someone@contoso.example' });
}

function json(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
