import { object, oneOfKinds } from './maps.ts';
import { located, maybe, optional, required, type Shape } from './shapes.ts';
import { certificateReference, secretReference } from './secret.ts';
import { httpsOrigin } from './web.ts';
import { choice, guid, matching } from './words.ts';

const path = matching('^\\S(.*\\S)?$', 'a path');

/** How an app proves itself: exactly one of these. */
export const credential = located(
  oneOfKinds({
    certificate: required(
      located(certificateReference),
      'PEM file with certificate and private key; a renewed one is used without a restart.',
    ),
    pfx: required(
      object({
        file: required(located(path), 'PFX (PKCS #12) file; a renewed one is used without a restart.'),
        passphrase: required(located(secretReference), 'Opens the file.'),
      }),
      'PFX file with certificate and private key.',
    ),
    keyVault: required(
      object({
        vault: required(httpsOrigin, 'Origin of the vault, such as https://contoso.vault.azure.net.'),
        certificate: required(
          matching('^[0-9A-Za-z-]{1,127}$', 'the name of a certificate in the vault'),
          'Name of the certificate in the vault.',
        ),
        identity: optional(
          choice(['managedIdentity', 'workloadIdentity']),
          'managedIdentity',
          'What the vault is asked with.',
        ),
        identityClientId: maybe(
          guid,
          'Client id of that identity: of a user-assigned managed identity, or when AZURE_CLIENT_ID is not set.',
        ),
      }),
      'Azure Key Vault signs; the private key never leaves it.',
    ),
    windowsStore: required(
      object({
        thumbprint: required(
          matching('^[0-9A-Fa-f]{40}$', 'a thumbprint of 40 hexadecimal digits'),
          'SHA-1 thumbprint of the certificate.',
        ),
      }),
      'A certificate in the Windows store of the user or the machine; its key need not be exportable.',
    ),
    managedIdentity: required(
      object({
        clientId: maybe(guid, 'Client id of a user-assigned identity; the system-assigned one without it.'),
      }),
      'The identity of the Azure host that the service runs on.',
    ),
    workloadIdentity: required(
      object({
        tokenFile: maybe(
          located(path),
          'File with the federated token. Default: AZURE_FEDERATED_TOKEN_FILE.',
        ),
      }),
      'A token of another issuer that the app trusts (federated credential).',
    ),
    clientSecret: required(
      located(secretReference),
      'Only with allowClientSecret: true. Whoever reads a secret has it; prefer any other kind.',
    ),
  }),
);

/** What reading a credential yields, before references are followed. */
export type CredentialValues = typeof credential extends Shape<infer T> ? T : never;
