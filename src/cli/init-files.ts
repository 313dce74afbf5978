import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { certificateFault } from '../kit/config/certificate.ts';
import { makeCertificate } from '../kit/self-signed.ts';
import { UsageFault } from './failure.ts';
import type { World } from './world.ts';

export const KEY_FILE = 'client-state.key';
/** Of a year: long enough to be no burden, short enough to be changed by somebody who remembers how. */
const MONTHS = 12;
const KEY_BYTES = 32;

interface Names {
  /** Certificate and key, for the program alone. */
  readonly pem: string;
  /** The certificate, to be uploaded. */
  readonly crt: string;
}

export function namesOf(name: string): Names {
  return { pem: `${name}.pem`, crt: `${name}.crt` };
}

interface Prepared {
  readonly made: boolean;
  /** SHA-1, as the admin center shows it. */
  readonly thumbprint: string;
  /** A day. */
  readonly ends: string;
}

/** The certificate that is there, or a new one; nothing is written over. Throws `UsageFault` where half of it is there. */
export async function certificateIn(folder: string, names: Names, world: World): Promise<Prepared> {
  const [pem, crt] = [path.join(folder, names.pem), path.join(folder, names.crt)];
  const there = [pem, crt].filter((file) => existsSync(file));
  if (there.length === 1)
    throw new UsageFault(
      `${there.join()} is there, and ${there[0] === pem ? crt : pem} is not: put that back, move this one away, or choose another --name`,
    );
  const made = there.length === 0;
  if (made) {
    const { certificate, key } = await makeCertificate({ name: 'contact-sync', months: MONTHS }, world);
    create(pem, `${certificate}${key}`);
    create(crt, certificate);
  }
  const text = read(pem);
  const fault = certificateFault(text) ?? (text.includes(read(crt).trim()) ? undefined : `is not ${crt}`);
  if (fault !== undefined)
    throw new UsageFault(`${pem} ${fault}: move both files away, or choose another --name`);
  const { fingerprint, validToDate } = new X509Certificate(text);
  const ends = validToDate.toISOString().slice(0, 10);
  return { made, thumbprint: fingerprint.replaceAll(':', ''), ends };
}

/** Says whether the key was made. */
export function stateKeyIn(folder: string, { random }: World): 'Made' | 'Kept' {
  const file = path.join(folder, KEY_FILE);
  if (existsSync(file)) return 'Kept';
  create(file, `${Buffer.from(random.bytes(KEY_BYTES)).toString('hex')}\n`);
  return 'Made';
}

/** For its owner alone; never over a file that is there. */
function create(file: string, text: string): void {
  writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}
