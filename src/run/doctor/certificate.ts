import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { readCertificate, type SigningCertificate } from '../../graph/certificate.ts';
import { readPfx } from '../../graph/credentials/pfx.ts';
import type { CredentialConfig } from '../../kit/config/credential-config.ts';
import { Fault } from '../../model/fault.ts';
import { failed, skipped, warning, well, type Check, type ExaminedTenant, type Look } from './check.ts';

const DAY_MS = 86_400_000;
/** Long enough to make another one, have it registered and rolled out; `status` warns at the same time. */
const WARNING_DAYS = 30;
const RENEW =
  'make another one, upload it beside the old one, then replace the file: the service takes it without a restart';

/** Certificate and key belong together, and are good today. Entra ID's own opinion is in the token. */
export const certificate: Check<ExaminedTenant> = {
  name: 'certificate',
  needs: ['tenants'],
  look: async ({ tenant: { credential }, visit, surroundings }) => {
    const now = surroundings.clock.now();
    if (credential.kind === 'keyVault' || credential.kind === 'windowsStore') {
      const { certificateEnds } = await visit.demandToken();
      if (certificateEnds === undefined) return [skipped('nothing is known of the end of the certificate')];
      return [lifeOf({ ends: certificateEnds, now, what: 'the key stays where it is' })];
    }
    const read = readerOf(credential);
    if (read === undefined) return [well(NONE[credential.kind] ?? 'none is used')];
    try {
      const { chainPem, expires } = read();
      const { fingerprint, validFromDate } = new X509Certificate(chainPem);
      if (validFromDate.getTime() > now)
        return [
          failed({
            found: `it is good from ${day(validFromDate.getTime())} on, not yet`,
            remedy: 'wait for that day, use the one before, or see whether the clock is right',
          }),
        ];
      // The admin center shows SHA-1.
      const thumbprint = fingerprint.replaceAll(':', '');
      return [
        lifeOf({ ends: expires, now, what: `key and certificate are a pair; thumbprint ${thumbprint}` }),
      ];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [
        failed({ found: error.message, remedy: 'make the certificate and its key anew: contact-sync init' }),
      ];
    }
  },
};

const NONE: Readonly<Partial<Record<CredentialConfig['kind'], string>>> = {
  managedIdentity: 'the identity of the host needs none',
  workloadIdentity: 'a federated credential needs none',
  clientSecret: 'a client secret is used: when it ends, the app registration tells',
};

function readerOf(credential: CredentialConfig): (() => SigningCertificate) | undefined {
  if (credential.kind === 'certificate') return () => readCertificate(credential.pem.fresh());
  if (credential.kind === 'pfx')
    return () => readPfx(readFileSync(credential.file), credential.passphrase.fresh());
  return undefined;
}

function lifeOf({ ends, now, what }: { ends: number; now: number; what: string }): Look {
  const days = Math.floor((ends - now) / DAY_MS);
  if (ends <= now) return failed({ found: `it ended on ${day(ends)}`, remedy: RENEW });
  if (days < WARNING_DAYS)
    return warning({ found: `it ends on ${day(ends)}, in ${days} days`, remedy: RENEW });
  return well(`${what}; until ${day(ends)}, ${days} days`);
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
