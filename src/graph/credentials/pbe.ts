import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { Fault } from '../../model/fault.ts';
import { idOf, numberOf, octetsOf, TAG, type Der } from './der.ts';

/** More would only keep the process busy: OpenSSL takes 2,048, Windows 2,000, cautious people 600,000. */
const ITERATIONS_AT_MOST = 10_000_000;

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
/** What the certificate bag of a PFX is enciphered with by default: Windows until today, OpenSSL before version 3. */
const SHA1_TRIPLE_DES = '1.2.840.113549.1.12.1.3';
const CIPHERS: Readonly<Record<string, { name: string; keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
};
const DIGESTS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

interface Opening {
  readonly cipher: string;
  readonly key: Buffer;
  readonly iv: Buffer;
}

/** Deciphers what a passphrase protects (RFC 8018, RFC 7292 appendix B). Throws `invalid`, also for a wrong passphrase. */
export function decipher(algorithm: Der, enciphered: Buffer, passphrase: string): Buffer {
  const { cipher, key, iv } = openingOf(algorithm, passphrase);
  try {
    const opening = createDecipheriv(cipher, key, iv);
    return Buffer.concat([opening.update(enciphered), opening.final()]);
  } catch {
    throw new Fault('invalid', 'the PFX file cannot be opened with this passphrase');
  }
}

function openingOf(algorithm: Der, passphrase: string): Opening {
  const id = idOf(algorithm.at(0));
  if (id === PBES2) return pbes2(algorithm.at(1), passphrase);
  if (id === SHA1_TRIPLE_DES) {
    const parameters = algorithm.at(1);
    const from = { passphrase, salt: octetsOf(parameters.at(0)), iterations: iterationsOf(parameters.at(1)) };
    return {
      cipher: 'des-ede3-cbc',
      key: derived({ ...from, purpose: 1, bytes: 24 }),
      iv: derived({ ...from, purpose: 2, bytes: 8 }),
    };
  }
  throw unknown();
}

function pbes2(parameters: Der, passphrase: string): Opening {
  const derivation = parameters.at(0);
  const scheme = parameters.at(1);
  const cipher = CIPHERS[idOf(scheme.at(0))];
  if (idOf(derivation.at(0)) !== PBKDF2 || cipher === undefined) throw unknown();
  const [salt, iterations, ...optional] = derivation.at(1).inside;
  if (salt === undefined || iterations === undefined) throw unknown();
  const prf = optional.find(({ tag }) => tag === TAG.sequence);
  const digest = prf === undefined ? 'sha1' : DIGESTS[idOf(prf.at(0))];
  if (digest === undefined) throw unknown();
  const rounds = iterationsOf(iterations);
  const key = pbkdf2Sync(passphrase, octetsOf(salt), rounds, cipher.keyBytes, digest);
  return { cipher: cipher.name, key, iv: octetsOf(scheme.at(1)) };
}

function iterationsOf(value: Der): number {
  const iterations = numberOf(value);
  if (iterations < 1 || iterations > ITERATIONS_AT_MOST) throw unknown();
  return iterations;
}

interface Derivation {
  readonly passphrase: string;
  readonly salt: Buffer;
  readonly iterations: number;
  /** 1: a key, 2: an initial vector. */
  readonly purpose: number;
  readonly bytes: number;
}

/** Block and digest size of SHA-1. */
const [BLOCK, DIGEST] = [64, 20];

/** RFC 7292, appendix B.2, with SHA-1. */
function derived({ passphrase, salt, iterations, purpose, bytes }: Derivation): Buffer {
  const input = Buffer.concat([filled(salt), filled(bmpString(passphrase))]);
  const diversifier = Buffer.alloc(BLOCK, purpose);
  const out: Buffer[] = [];
  for (let length = 0; length < bytes; length += DIGEST) {
    let digest = sha1(Buffer.concat([diversifier, input]));
    for (let round = 1; round < iterations; round += 1) digest = sha1(digest);
    out.push(digest);
    const added = Buffer.alloc(BLOCK, digest);
    for (let at = 0; at < input.length; at += BLOCK) addOneMore(input.subarray(at, at + BLOCK), added);
  }
  return Buffer.concat(out).subarray(0, bytes);
}

/** `block = block + added + 1`, as numbers of 64 bytes; what overflows is lost. */
function addOneMore(block: Buffer, added: Buffer): void {
  let carry = 1;
  for (let at = BLOCK - 1; at >= 0; at -= 1) {
    const sum = (block[at] ?? 0) + (added[at] ?? 0) + carry;
    block[at] = sum & 0xff;
    carry = sum >> 8;
  }
}

/** Repeated until it fills whole blocks. */
function filled(bytes: Buffer): Buffer {
  return bytes.length === 0 ? bytes : Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK, bytes);
}

/** UTF-16 with the high byte first, and a zero at the end. */
function bmpString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le').swap16();
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest();
}

function unknown(): Fault {
  return new Fault(
    'invalid',
    'the PFX file is enciphered in a way that is not known here: export it again with AES-256',
  );
}
