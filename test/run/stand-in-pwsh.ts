/**
 * Stands in for PowerShell with one certificate in its store. Knows what it is asked only from standard input, as the
 * real script does; writes down the arguments that it was started with.
 */
import { X509Certificate } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { signDigest } from '../tenant/login/pss.ts';

const [folder = '', ...args] = process.argv.slice(2);
appendFileSync(`${folder}/asked.txt`, `${args.join(' ')}\n`);
const asked = JSON.parse(await text(process.stdin)) as { thumbprint: string; digest?: string };
const certificate = new X509Certificate(readFileSync(`${folder}/cert.pem`));
if (certificate.fingerprint.replaceAll(':', '') !== asked.thumbprint) process.exit(3);
const signature =
  asked.digest === undefined
    ? {}
    : {
        signature: signDigest(
          Buffer.from(asked.digest, 'base64'),
          readFileSync(`${folder}/key.pem`, 'utf8'),
          Buffer.alloc(32, 7),
        ).toString('base64'),
      };
process.stdout.write(JSON.stringify({ certificate: certificate.raw.toString('base64'), ...signature }));
