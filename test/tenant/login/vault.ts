import { X509Certificate } from 'node:crypto';
import type { Random } from '../../../src/kit/random.ts';
import type { HttpRequest, HttpResponse, Transport } from '../../../src/kit/transport.ts';
import type { AppCertificate } from '../certificates.ts';
import { Refusal } from '../http/call.ts';
import type { AccessTokens } from './access-tokens.ts';
import { signDigest } from './pss.ts';

export interface VaultOptions {
  /** Such as https://simulated.vault.azure.net. */
  readonly origin: string;
  readonly name: string;
  readonly tokens: Pick<AccessTokens, 'demand'>;
  readonly random: Random;
}

export interface Vault {
  readonly transport: Transport;
  /** A new version of the certificate, with a new key; older versions go on signing. */
  renew(certificate: AppCertificate): void;
  /** What was asked, without query. */
  readonly asked: readonly string[];
}

/** Azure Key Vault, as far as a client that has it sign can tell: certificates, and signatures over digests. */
export function createVault(options: VaultOptions, first: AppCertificate): Vault {
  const versions = [first];
  const asked: string[] = [];
  return {
    asked,
    renew: (certificate) => void versions.push(certificate),
    transport: async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      asked.push(`${request.method} ${pathname}`);
      try {
        options.tokens.demand(request.headers['authorization']);
      } catch (error) {
        if (error instanceof Refusal) return problem(401, 'Unauthorized');
        throw error;
      }
      if (!/^7\.\d$/.test(searchParams.get('api-version') ?? '')) return problem(400, 'BadParameter');
      return answer(options, versions, { ...request, url: pathname });
    },
  };
}

function answer(
  { origin, name, random }: VaultOptions,
  versions: readonly AppCertificate[],
  { method, url, body }: HttpRequest,
): HttpResponse {
  if (method === 'GET' && url === `/certificates/${name}`) {
    const certificate = new X509Certificate(versions.at(-1)?.cert ?? '');
    return json(200, {
      id: `${origin}/certificates/${name}/${versions.length}`,
      kid: `${origin}/keys/${name}/${versions.length}`,
      x5t: Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex').toString('base64url'),
      cer: certificate.raw.toString('base64'),
      attributes: { enabled: true, exp: certificate.validToDate.getTime() / 1_000 },
    });
  }
  const [, version] = new RegExp(`^/keys/${name}/(\\d+)/sign$`).exec(url) ?? [];
  const key = versions[Number(version) - 1]?.key;
  if (method !== 'POST' || key === undefined) return problem(404, 'KeyNotFound');
  const { alg, value } = JSON.parse(body ?? '{}') as { alg?: string; value?: string };
  const digest = Buffer.from(value ?? '', 'base64url');
  if (alg !== 'PS256' || digest.length !== 32) return problem(400, 'BadParameter');
  const signature = signDigest(digest, key, random.bytes(32));
  return json(200, { kid: `${origin}/keys/${name}/${version}`, value: signature.toString('base64url') });
}

function problem(status: number, code: string): HttpResponse {
  return json(status, { error: { code, message: 'Caller someone@contoso.example is not authorized.' } });
}

function json(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
