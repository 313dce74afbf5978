import type { Secret } from './secret.ts';

/** How the app of a tenant proves itself. */
export type CredentialConfig =
  /** PEM text with certificate and private key that belong together. */
  | { readonly kind: 'certificate'; readonly pem: Secret }
  /** Absolute path. */
  | { readonly kind: 'pfx'; readonly file: string; readonly passphrase: Secret }
  | {
      readonly kind: 'keyVault';
      readonly vault: string;
      readonly certificate: string;
      readonly identity: IdentityConfig;
    }
  | { readonly kind: 'windowsStore'; readonly thumbprint: string }
  | ManagedIdentityConfig
  | { readonly kind: 'workloadIdentity'; readonly token: Secret }
  | { readonly kind: 'clientSecret'; readonly secret: Secret };

/** What asks a key vault to sign. */
export type IdentityConfig =
  | ManagedIdentityConfig
  | {
      readonly kind: 'workloadIdentity';
      readonly token: Secret;
      readonly tenantId: string;
      readonly clientId: string;
    };

interface ManagedIdentityConfig {
  readonly kind: 'managedIdentity';
  /** Null: the system-assigned one. */
  readonly clientId: string | null;
  readonly endpoint:
    | { readonly kind: 'imds'; readonly origin: string }
    | { readonly kind: 'app-service'; readonly url: string; readonly header: Secret };
}
