import { generate } from 'selfsigned';
import { ConfigProblems, readConfig, type Config, type ReadingConfig } from '../../src/kit/config/config.ts';

export const KEY = 'k'.repeat(32);

/** A certificate and its key, as an administrator would put them in one file. */
export async function certificatePem(): Promise<{ cert: string; key: string }> {
  const made = await generate([{ name: 'commonName', value: 'contact-sync' }], { keySize: 2048 });
  return { cert: made.cert, key: made.private };
}

/** The least that the program needs, to be changed in one place by each test. */
export const MINIMAL = `tenants:
  contoso:
    tenantId: 7b2f9c1e-53d4-4e0a-9a61-0d9b5d0f1a11
    clientId: C0A8F3D2-6F57-4B8E-8A3C-94F1F0B7E822
    credential: { certificate: ./contoso.pem }
jobs:
  staff:
    kind: directory
    tenant: contoso
    source: { groups: [5d1f7a46-0b7e-4f5e-bd0d-3a8f6a9c4e33] }
    target: { mailboxes: licensed }
    folder: Company Directory
`;

export const READING: ReadingConfig = {
  file: '/etc/contact-sync/contact-sync.yaml',
  env: {},
  readFile: () => {
    throw Object.assign(new Error('none'), { code: 'ENOENT' });
  },
  secrets: 'unread',
};

export function read(text: string, reading: Partial<ReadingConfig> = {}): Config {
  return readConfig(text, { ...READING, ...reading });
}

/** Every problem as `line path: message`. */
export function problemsOf(text: string, reading: Partial<ReadingConfig> = {}): string[] {
  try {
    read(text, reading);
    return [];
  } catch (fault) {
    if (!(fault instanceof ConfigProblems)) throw fault;
    return fault.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
  }
}
