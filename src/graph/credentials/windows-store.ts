import { X509Certificate } from 'node:crypto';
import type { AskProgram } from '../../kit/ask-program.ts';
import type { Random } from '../../kit/random.ts';
import { Fault } from '../../model/fault.ts';
import { text } from '../../kit/json.ts';
import type { Credential } from '../credential.ts';
import { parsed } from './ask.ts';
import { proven } from './proven.ts';
import { signedAssertion } from './signed-assertion.ts';
import { scriptArguments } from '../../kit/powershell.ts';

export interface WindowsStoreOptions {
  /** SHA-1 of the certificate, 40 hex digits, as the store shows it. */
  readonly thumbprint: string;
  readonly askProgram: AskProgram;
  /** `powershell.exe` on Windows; `pwsh` elsewhere, where there is no such store. */
  readonly program: string;
  readonly random: Random;
}

const WITHIN_MS = 30_000;

/** Nothing is ever put into this text: what it works on comes by standard input. A key that cannot be exported stays where it is. */
const SCRIPT = `
$ErrorActionPreference = 'Stop'
$asked = [Console]::In.ReadToEnd() | ConvertFrom-Json
$found = Get-ChildItem Cert:\\CurrentUser\\My, Cert:\\LocalMachine\\My |
  Where-Object { $_.Thumbprint -eq $asked.thumbprint -and $_.HasPrivateKey } | Select-Object -First 1
if ($null -eq $found) { exit 3 }
$answer = @{ certificate = [Convert]::ToBase64String($found.RawData) }
if ($asked.digest) {
  $key = [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($found)
  if ($null -eq $key) { exit 4 }
  $signature = $key.SignHash([Convert]::FromBase64String($asked.digest),
    [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pss)
  $answer.signature = [Convert]::ToBase64String($signature)
}
$answer | ConvertTo-Json -Compress
`;

const ARGUMENTS = scriptArguments(SCRIPT);

/** What the script's exit codes mean. */
const REFUSALS: Readonly<Record<number, string>> = { 3: 'NoSuchCertificate', 4: 'NoRsaKey' };

/** A certificate in the Windows store of the service's user or of the machine: PowerShell has its key sign the assertion. */
export function windowsStore(options: WindowsStoreOptions): Credential {
  let certificate: X509Certificate | undefined;
  return proven(async (request) => {
    // A thumbprint names one certificate for ever.
    certificate ??= certificateIn(await asked(options, {}));
    const sign = async (digest: Uint8Array): Promise<Uint8Array> => {
      const answer = await asked(options, { digest: Buffer.from(digest).toString('base64') });
      const signature = text(answer, 'signature');
      if (signature === null) throw unusable('NoSignature');
      return Buffer.from(signature, 'base64');
    };
    const clientAssertion = await signedAssertion(request, { certificate, sign }, options.random);
    return { proof: { clientAssertion }, certificateEnds: certificate.validToDate.getTime() };
  });
}

async function asked(
  { thumbprint, askProgram, program }: WindowsStoreOptions,
  what: { readonly digest?: string },
): Promise<unknown> {
  const input = JSON.stringify({ thumbprint: thumbprint.toUpperCase(), ...what });
  let answer;
  try {
    answer = await askProgram({ file: program, args: ARGUMENTS, input, withinMs: WITHIN_MS });
  } catch {
    throw unusable('NoPowerShell');
  }
  const { code, output } = answer;
  if (code !== 0) throw unusable(REFUSALS[code ?? -1] ?? 'PowerShellFailed');
  return parsed(output);
}

function certificateIn(answer: unknown): X509Certificate {
  const der = text(answer, 'certificate');
  if (der === null) throw unusable('NoCertificate');
  return new X509Certificate(Buffer.from(der, 'base64'));
}

function unusable(code: string): Fault {
  return new Fault('unauthorized', 'the Windows certificate store did not sign', { code });
}
