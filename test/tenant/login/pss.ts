import { constants, createHash, privateEncrypt } from 'node:crypto';

/** Of SHA-256, and of the salt beside it. */
const HASH = 32;

/**
 * RSASSA-PSS over a digest that somebody else has made (RFC 8017, 9.1.1), as a vault or a smart card does it: Node signs
 * only what it has hashed itself. `key`: RSA of 2,048 bits as PEM.
 */
export function signDigest(digest: Uint8Array, key: string, salt: Uint8Array): Buffer {
  const length = 256;
  const hash = sha256(Buffer.concat([Buffer.alloc(8), digest, salt]));
  const data = Buffer.concat([Buffer.alloc(length - 2 * HASH - 2), Buffer.from([1]), salt]);
  const masked = data.map((byte, index) => byte ^ (mask(hash, data.length)[index] ?? 0));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  const encoded = Buffer.concat([masked, hash, Buffer.from([0xbc])]);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

/** MGF1. */
function mask(seed: Buffer, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let count = 0; count * HASH < length; count += 1) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    parts.push(sha256(Buffer.concat([seed, counter])));
  }
  return Buffer.concat(parts).subarray(0, length);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
