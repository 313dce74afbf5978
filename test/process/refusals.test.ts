import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAppCertificate } from '../tenant/certificates.ts';
import type { Configuration } from './configuration.ts';
import { freePort } from './free-port.ts';
import { install, type Installation } from './installation.ts';

let on: Installation;
beforeAll(async () => {
  on = await install({ people: 5, mailboxes: 1, seed: 3 });
});
afterAll(() => on.close());

/** The lines that are for a person; the others are log lines or progress. */
async function complaints(changes: Partial<Configuration>): Promise<string[]> {
  await on.configure({ port: undefined, ...changes });
  const { code, stdout, stderr } = await on.run('sync', '--once', '--json');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr.split('\n').filter((line) => line.startsWith('contact-sync: '));
}

test('a certificate that the app registration does not have', async () => {
  await writeFile(path.join(on.folder, 'other.pem'), (await makeAppCertificate()).pem);
  const lines = await complaints({ certificate: './other.pem' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/certificate of the app registration/);
});

test('a client id that the tenant does not know', async () => {
  const lines = await complaints({ clientId: '99999999-9999-4999-8999-999999999999' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/clientId/);
});

test('a tenant that cannot be reached', async () => {
  const lines = await complaints({ origin: `https://127.0.0.1:${await freePort()}` });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/check the network and the proxy/);
});

test('none of them left anything in a mailbox, and the right configuration works afterwards', async () => {
  expect(on.compare().contacts).toBe(0);
  await on.configure({ port: undefined });
  expect(await on.run('sync', '--once')).toMatchObject({ code: 0 });
  expect(on.compare()).toMatchObject({ divergences: [], contacts: 4 });
});
