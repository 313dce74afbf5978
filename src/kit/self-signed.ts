import { generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export interface MadeCertificate {
  /** PEM: what is uploaded to the app registration. */
  readonly certificate: string;
  /** PKCS#8 PEM. */
  readonly key: string;
}

/** What Entra ID takes, and what will do for years (learn.microsoft.com/entra/identity-platform/howto-create-self-signed-certificate). */
const RSA_BITS = 3072;
/** Clocks differ: it is good from a while ago. */
const SINCE_MS = 60 * 60_000;

/** Of ASN.1 (ITU-T X.690), with the tags that a certificate takes. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  text: 0x0c,
  time: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
} as const;

/** Object identifiers as their bytes (RFC 5280, RFC 8017). */
const ID = {
  rsaWithSha256: Buffer.from('06092a864886f70d01010b', 'hex'),
  commonName: Buffer.from('0603550403', 'hex'),
  basicConstraints: Buffer.from('0603551d13', 'hex'),
  keyUsage: Buffer.from('0603551d0f', 'hex'),
} as const;
const NULL = Buffer.from('0500', 'hex');
/** Bit 0 of the key usage, with the seven bits behind it unused. */
const DIGITAL_SIGNATURE = Buffer.from([7, 0x80]);

/**
 * A self-signed certificate for an app registration, good for `months` from now, and its new RSA key of 3,072 bits. Node has
 * no call that makes certificates; one of a fixed form is a few values of DER (RFC 5280).
 */
export async function makeCertificate(
  { name, months }: { readonly name: string; readonly months: number },
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<MadeCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
  const now = clock.now();
  const body = der(TAG.sequence, [
    der(TAG.version, [der(TAG.integer, [Buffer.from([2])])]),
    der(TAG.integer, [serial(random)]),
    ALGORITHM,
    named(name),
    der(TAG.sequence, [time(now - SINCE_MS), time(after(now, months))]),
    named(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(TAG.extensions, [der(TAG.sequence, EXTENSIONS)]),
  ]);
  const whole = der(TAG.sequence, [body, ALGORITHM, bits(signature(body, privateKey))]);
  return {
    certificate: pem('CERTIFICATE', whole),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const ALGORITHM = der(TAG.sequence, [ID.rsaWithSha256, NULL]);

/** No authority, and for signatures only; both critical. */
const EXTENSIONS = [
  extension(ID.basicConstraints, der(TAG.sequence, [])),
  extension(ID.keyUsage, der(TAG.bits, [DIGITAL_SIGNATURE])),
];

function extension(id: Buffer, value: Buffer): Buffer {
  return der(TAG.sequence, [id, der(TAG.boolean, [Buffer.from([0xff])]), der(TAG.octets, [value])]);
}

/** Sixteen random bytes as a positive whole number without a zero in front. */
function serial(random: Random): Buffer {
  const bytes = Buffer.from(random.bytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function named(name: string): Buffer {
  const attribute = der(TAG.sequence, [ID.commonName, der(TAG.text, [Buffer.from(name, 'utf8')])]);
  return der(TAG.sequence, [der(TAG.set, [attribute])]);
}

/** UTCTime: two digits of the year, which mean 1950 to 2049. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(TAG.time, [Buffer.from(`${digits}Z`, 'ascii')]);
}

function after(at: number, months: number): number {
  const date = new Date(at);
  return date.setUTCMonth(date.getUTCMonth() + months);
}

function signature(body: Buffer, key: KeyObject): Buffer {
  return sign('sha256', body, key);
}

/** A string of bits that fills its bytes. */
function bits(bytes: Buffer): Buffer {
  return der(TAG.bits, [Buffer.from([0]), bytes]);
}

function der(tag: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
