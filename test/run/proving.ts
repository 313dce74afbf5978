import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSignIn, type SignIn } from '../../src/graph/sign-in.ts';
import { createTokenSource, type TokenSource } from '../../src/graph/token.ts';
import { readConfig, type Config } from '../../src/kit/config/config.ts';
import type { Log } from '../../src/kit/log.ts';
import type { HttpRequest, Transport } from '../../src/kit/transport.ts';
import { credentialOf } from '../../src/run/credentials.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { hostIdentity } from '../tenant/login/host-identity.ts';
import { createVault, type Vault } from '../tenant/login/vault.ts';
import { makeAppCertificate, type AppCertificate } from '../tenant/certificates.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';

export const USER_ASSIGNED = '99999999-8888-4777-8666-555555555555';
export const VAULT = 'https://simulated.vault.azure.net';
export const APP_SERVICE = {
  IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token',
  IDENTITY_HEADER: 'h-e-a-d-e-r',
};

/** A tenant, and everything that an app can prove itself with around it. */
export interface Scene {
  readonly tenant: Tenant;
  readonly clock: VirtualClock;
  readonly app: AppCertificate;
  readonly vault: Vault;
  /** Answers instead of the hosts, when it answers. */
  instead: Transport | null;
  readonly requests: HttpRequest[];
  /** Everything that was logged, as text. */
  readonly logged: string[];
  readonly folder: string;
  write(name: string, content: string | Uint8Array): void;
  /** As the service reads it: `credential` is the YAML of it. */
  config(credential: string, more?: { env?: Record<string, string>; tenant?: string }): Config;
  tokens(config: Config): TokenSource;
  signIn(config: Config): SignIn;
  /** What Graph answers to a token. */
  status(token: string): Promise<number>;
  federated(changes?: Record<string, unknown>): string;
  close(): void;
}

export async function openScene(): Promise<Scene> {
  // msal dates its assertion by the machine's clock, so the virtual one starts there.
  const clock = new VirtualClock({ now: Date.now() });
  const random = seededRandom(5);
  const app = await makeAppCertificate();
  const tenant = createTenant({ clock, random });
  tenant.registerCertificate(app.cert);
  const folder = mkdtempSync(path.join(tmpdir(), 'credential-'));
  const vault = createVault({ origin: VAULT, name: 'contact-sync', tokens: tenant.tokens, random }, app);
  const host = { tokens: tenant.tokens, now: () => clock.now(), assigned: [USER_ASSIGNED] };
  const hosts: Readonly<Record<string, Transport>> = {
    'http://169.254.169.254': hostIdentity(host),
    [new URL(APP_SERVICE.IDENTITY_ENDPOINT).origin]: hostIdentity({
      ...host,
      header: APP_SERVICE.IDENTITY_HEADER,
    }),
    [VAULT]: vault.transport,
  };
  const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 });
  tenant.trust({
    issuer: 'https://issuer.example',
    subject: 'system:serviceaccount:sync',
    key: issuer.publicKey,
  });
  const logged: string[] = [];
  const note = (message: string, keys?: unknown): void =>
    void logged.push(`${message} ${JSON.stringify(keys)}`);
  const log: Log = { debug: note, tell: note };
  const transport: Transport = (request) => {
    scene.requests.push(request);
    return (scene.instead ?? hosts[new URL(request.url).origin] ?? tenant.transport)(request);
  };
  const scene: Scene = {
    tenant,
    clock,
    app,
    vault,
    instead: null,
    requests: [],
    logged,
    folder,
    write: (name, content) => writeFileSync(path.join(folder, name), content),
    config: (credential, { env = {}, tenant: more = '' } = {}) =>
      readConfig(textOf(tenant, credential, more), {
        file: path.join(folder, 'contact-sync.yaml'),
        env,
        readFile: (name) => readFileSync(name, 'utf8'),
        secrets: 'read',
      }),
    tokens: ({ tenants: [one] }) => {
      if (!one) throw new Error('a configuration without a tenant');
      const credential = credentialOf(one.credential, { log, random });
      return createTokenSource({ ...one, credential, transport, clock, log });
    },
    signIn: ({ tenants: [one] }) => {
      if (!one) throw new Error('a configuration without a tenant');
      const credential = () => credentialOf(one.credential, { log, random });
      return createSignIn({ ...one, credential, transport, clock });
    },
    status: async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      const url = 'https://graph.microsoft.com/v1.0/users?$select=id';
      return (await tenant.transport({ method: 'GET', url, headers })).status;
    },
    federated: (changes = {}) => {
      const now = Math.floor(clock.now() / 1_000);
      const claims = {
        iss: 'https://issuer.example',
        sub: 'system:serviceaccount:sync',
        aud: 'api://AzureADTokenExchange',
        exp: now + 3_600,
        ...changes,
      };
      const signed = `${part({ alg: 'RS256', kid: '1' })}.${part(claims)}`;
      return `${signed}.${createSign('sha256').update(signed).sign(issuer.privateKey, 'base64url')}`;
    },
    close: () => {
      tenant.close();
      rmSync(folder, { recursive: true });
    },
  };
  return scene;
}

export const SOMEBODY = 'aaaaaaaa-0000-4000-8000-000000000001';
const VERIFIER = 'v'.repeat(43);

/** Who somebody is who signs in, with the app that the configuration describes. */
export async function somebody(on: Scene, config: Config): Promise<Awaited<ReturnType<SignIn['whoIs']>>> {
  const { tenant, requests } = on;
  const asked = { redirectUri: 'https://app.example/answer', nonce: 'a nonce' };
  tenant.signIns.registerRedirectUri(asked.redirectUri);
  tenant.signIns.assign(SOMEBODY, ['A.Role']);
  const app = on.signIn(config);
  const challenge = createHash('sha256').update(VERIFIER).digest('base64url');
  const url = new URL(await app.urlFor({ ...asked, state: 'a state', challenge }));
  if (requests.length > 0) throw new Error('Whoever merely begins costs a request.');
  url.searchParams.set('login_hint', SOMEBODY);
  const { headers } = await tenant.transport({ method: 'GET', url: url.href, headers: {} });
  const code = new URL(headers['location'] ?? '').searchParams.get('code') ?? '';
  return app.whoIs({ ...asked, code, verifier: VERIFIER });
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function textOf({ tenantId, clientId }: Tenant, credential: string, more: string): string {
  return `tenants:
  contoso:
    tenantId: ${tenantId}
    clientId: ${clientId}
    credential: ${credential}
    ${more}
jobs:
  staff:
    kind: directory
    tenant: contoso
    source: { groups: [5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33] }
    target: { mailboxes: licensed }
    folder: Company Directory
`;
}
