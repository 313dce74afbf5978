import { readFileSync } from 'node:fs';
import { askProgram } from '../kit/ask-program.ts';
import { powershell } from '../kit/powershell.ts';
import type { TenantConfig } from '../kit/config/config.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import { readCertificate } from '../graph/certificate.ts';
import type { Credential } from '../graph/credential.ts';
import { certificateFile } from '../graph/credentials/certificate-file.ts';
import { clientSecret } from '../graph/credentials/client-secret.ts';
import { keyVault, type KeyVaultOptions } from '../graph/credentials/key-vault.ts';
import { managedIdentity } from '../graph/credentials/managed-identity.ts';
import { readPfx } from '../graph/credentials/pfx.ts';
import { windowsStore } from '../graph/credentials/windows-store.ts';
import { workloadIdentity } from '../graph/credentials/workload-identity.ts';
import { hostToken, managed } from './host-identity.ts';

type Config = TenantConfig['credential'];
type Identity = Extract<Config, { kind: 'keyVault' }>['identity'];

/** The credential that the configuration names. Throws `invalid` when a certificate cannot be used. */
export function credentialOf(config: Config, { log, random }: { log: Log; random: Random }): Credential {
  switch (config.kind) {
    case 'certificate':
      return certificateFile(() => readCertificate(config.pem.fresh()), log);
    case 'pfx':
      return certificateFile(() => readPfx(readFileSync(config.file), config.passphrase.fresh()), log);
    case 'keyVault':
      return keyVault({ ...config, vaultToken: vaultToken(config.identity), random });
    case 'windowsStore': {
      return windowsStore({ ...config, askProgram, program: powershell(), random });
    }
    case 'managedIdentity':
      return managedIdentity(managed(config));
    case 'workloadIdentity':
      return workloadIdentity(() => config.token.fresh());
    case 'clientSecret':
      return clientSecret(() => config.secret.fresh());
  }
}

/** The identity that asks the vault may live in another tenant than the app. */
function vaultToken(identity: Identity): KeyVaultOptions['vaultToken'] {
  return ({ transport, clock, origins }, resource) =>
    hostToken(identity, { transport, clock }, { resource, origins });
}
