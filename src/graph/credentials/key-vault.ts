import { X509Certificate } from 'node:crypto';
import type { Random } from '../../kit/random.ts';
import { Fault } from '../../model/fault.ts';
import { field, text } from '../../kit/json.ts';
import type { AcquiredToken, Credential, TokenRequest } from '../credential.ts';
import { ask, codeOf, parsed, refusal } from './ask.ts';
import { proven } from './proven.ts';
import { signedAssertion } from './signed-assertion.ts';

export interface KeyVaultOptions {
  /** Origin of the vault, such as https://contoso.vault.azure.net. */
  readonly vault: string;
  /** Name of the certificate; its key may be one that cannot be exported. */
  readonly certificate: string;
  /** A token for the vault's own service. */
  readonly vaultToken: (request: TokenRequest, resource: string) => Promise<AcquiredToken>;
  readonly random: Random;
}

const WHO = 'the key vault';
/** learn.microsoft.com/rest/api/keyvault: get-certificate, sign. */
const API_VERSION = '7.4';

/**
 * The key never leaves its vault: Key Vault signs the assertion. The newest version of the certificate is asked for
 * before every token, so that a renewed one counts once it is registered with the app. Three requests an hour.
 */
export function keyVault({ vault, certificate, vaultToken, random }: KeyVaultOptions): Credential {
  return proven(async (request) => {
    const { token } = await vaultToken(request, resourceOf(vault));
    const vaultSays = (method: 'GET' | 'POST', url: string, body?: unknown): Promise<unknown> =>
      asked(request, { method, url: `${url}?api-version=${API_VERSION}`, token, body });
    const found = await vaultSays('GET', `${vault}/certificates/${certificate}`);
    const key = text(found, 'kid') ?? '';
    // The token of the vault goes to the vault alone, whatever an answer says.
    if (!key.startsWith(`${vault}/keys/`)) throw unusable();
    const current = certificateOf(text(found, 'cer'));
    const sign = async (digest: Uint8Array): Promise<Uint8Array> => {
      const value = Buffer.from(digest).toString('base64url');
      const signature = text(await vaultSays('POST', `${key}/sign`, { alg: 'PS256', value }), 'value');
      if (signature === null) throw unusable();
      return Buffer.from(signature, 'base64url');
    };
    const clientAssertion = await signedAssertion(request, { certificate: current, sign }, random);
    return { proof: { clientAssertion }, certificateEnds: current.validToDate.getTime() };
  });
}

/** `https://contoso.vault.azure.net` is of the service `https://vault.azure.net`; national clouds have their own. */
function resourceOf(vault: string): string {
  return `https://${new URL(vault).hostname.replace(/^[^.]+\./, '')}`;
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly token: string;
  readonly body: unknown;
}

async function asked(request: TokenRequest, { method, url, token, body }: Asked): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await ask(request, { method, url, headers, ...content }, WHO);
  const answer = parsed(response.body);
  if (response.status === 200 && answer !== undefined) return answer;
  const code = codeOf(field(field(answer, 'error'), 'code'));
  throw refusal(response, { who: WHO, code, now: request.clock.now() });
}

function certificateOf(der: string | null): X509Certificate {
  if (der === null) throw unusable();
  try {
    return new X509Certificate(Buffer.from(der, 'base64'));
  } catch {
    throw unusable();
  }
}

function unusable(): Fault {
  return new Fault('unavailable', 'the key vault has no usable answer');
}
