import type { TenantConfig } from '../../kit/config/config.ts';
import type { Fault } from '../../model/fault.ts';

type Remedy = (tenant: TenantConfig) => string;

const registered: Remedy = ({ credential }) =>
  credential.kind === 'keyVault'
    ? 'upload the CER of the newest version in the vault to the app registration (Certificates & secrets)'
    : 'upload the certificate (the public part) to the app registration (Certificates & secrets), and compare the thumbprints';

/** By what Entra ID says: learn.microsoft.com/entra/identity-platform/reference-error-codes. */
const BY_CODE: Readonly<Record<string, Remedy>> = {
  AADSTS700027: registered,
  AADSTS7000272: registered,
  AADSTS7000216: registered,
  AADSTS700024: () => 'the clock is wrong: see the check "clock"',
  AADSTS700016: ({ clientId }) =>
    `there is no app ${clientId} in this tenant: correct clientId (Application (client) ID), or tenantId`,
  AADSTS90002: ({ tenantId }) =>
    `there is no tenant ${tenantId}: correct tenantId (Directory (tenant) ID), or cloud for a national cloud`,
  AADSTS900023: () => 'tenantId is none: copy the Directory (tenant) ID',
  AADSTS7000215: () => 'the client secret is wrong: its value counts, not its id',
  AADSTS7000222: () => 'the client secret has expired: make another one, or better use a certificate',
  AADSTS70021: () =>
    'no federated credential of the app fits the token: compare issuer, subject and audience',
  AADSTS700211: () => 'no federated credential of the app has this issuer',
  AADSTS700212: () => 'no federated credential of the app has this audience: api://AzureADTokenExchange',
  AADSTS700213: () => 'no federated credential of the app has this subject',
  AADSTS7000112: () => 'the enterprise app is disabled: enable its sign-in',
  AADSTS53003: () =>
    'a policy of Conditional Access for workload identities blocks the app: except this location',
  NoSuchCertificate: () =>
    'import the certificate with its key into the store of the user of the service, or the machine',
  NoPowerShell: () => 'the Windows store is asked through PowerShell, which was not found',
};

/** A TLS proxy of one's own in between, whose authority this program does not know. */
const TRUST: Remedy = () =>
  'something in between presents a certificate of its own: name its authority (PEM) in NODE_EXTRA_CA_CERTS';
const BY_TLS: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** What to do when there is no token. */
export function tokenRemedy({ code = '', kind }: Fault, tenant: TenantConfig): string {
  if (BY_TLS.has(code)) return TRUST(tenant);
  const known = BY_CODE[code];
  if (known !== undefined) return known(tenant);
  if (kind === 'unavailable') return 'check the network, the name resolution and the proxy to the login host';
  if (kind === 'throttled') return 'run it again in a few minutes';
  if (kind === 'invalid') return 'make the certificate and its key anew: contact-sync init';
  return 'check tenantId, clientId and the credential; the code is explained at https://login.microsoftonline.com/error';
}
