import { appendFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CURRENT_KEY } from '../process/configuration.ts';
import { consult, of, type Consultation } from '../process/consultation.ts';
import { fileStores } from '../process/file-stores.ts';
import { freePort } from '../process/free-port.ts';
import { install, type Installation } from '../process/installation.ts';
import { makeServerCertificate, type Certificates } from '../tenant/certificates.ts';
import { kinds } from './fronts.ts';

const DAY_MS = 86_400_000;

/* Authorities of one's own are believed by a process from its start on, so these are real ones. */
let on: Installation;
let authorities = 0;
const open: (() => unknown)[] = [];
beforeAll(async () => {
  on = await install({ people: 4, mailboxes: 1, seed: 83, stores: fileStores });
});
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});
afterAll(() => on.close());

async function visit(publicUrl: string, inside: number): Promise<Consultation> {
  const notifications = { publicUrl, listen: `127.0.0.1:${inside}`, clientStateKey: `env:${CURRENT_KEY}` };
  await on.configure({ more: { notifications } });
  return consult(on);
}

/** A certificate whose authority this machine believes. */
async function believed(
  life: Parameters<typeof makeServerCertificate>[1] = {},
): Promise<Certificates['server']> {
  authorities += 1;
  const { server, ca } = await makeServerCertificate(`Authority ${authorities}`, life);
  await appendFile(path.join(on.folder, 'authority.pem'), `\n${ca}`);
  return server;
}

describe.each(kinds)('the doctor, with $name in front', ({ installed, start }) => {
  test.skipIf(!installed)('shakes hands through it, before any service runs', async () => {
    const inside = await freePort();
    const front = await start({ receivers: [inside], server: await believed() });
    open.push(() => front.stop());
    const seen = await visit(`https://localhost:${front.port}`, inside);
    expect(
      of(seen, 'handshake').map(({ state, found }) => [state, found.replace(/ in \d+ ms$/, '')]),
    ).toEqual([
      ['well', 'answered by a stand-in'],
      ['well', 'answered by a stand-in'],
    ]);
    expect(of(seen, 'tls chain', 'warning')[0]?.found).toContain('NODE_EXTRA_CA_CERTS');
    expect(seen.code).toBe(0);
  });

  test.skipIf(!installed)('says so when it leads to where nobody listens', async () => {
    const front = await start({ receivers: [await freePort()], server: await believed() });
    open.push(() => front.stop());
    const seen = await visit(`https://localhost:${front.port}`, await freePort());
    expect(of(seen, 'handshake').map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect(of(seen, 'handshake')[0]?.found).toMatch(
      /^the proxy answers 50[234]: it does not reach the receiver$/,
    );
  });
});

const serve = async (host: string, tls: Certificates['server']): Promise<number> => {
  const port = await freePort();
  const server = createServer(tls, (_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => {
    server.listen(port, host, resolve);
  });
  open.push(() => server.close());
  return port;
};

describe('a certificate of the proxy', () => {
  test('that has expired, or is for another host', async () => {
    const since = new Date(Date.now() - 90 * DAY_MS);
    const old = await believed({ notBeforeDate: since, notAfterDate: new Date(Date.now() - DAY_MS) });
    const expired = await visit(`https://127.0.0.1:${await serve('127.0.0.1', old)}`, 0);
    expect(of(expired, 'tls chain', 'failed')[0]?.found).toBe(
      'the certificate of the proxy has expired (CERT_HAS_EXPIRED)',
    );
    const good = await believed();
    const strange = await visit(`https://127.0.0.2:${await serve('127.0.0.2', good)}`, 0);
    expect(of(strange, 'tls chain', 'failed')[0]?.found).toBe(
      'the certificate of the proxy is for another host name (ERR_TLS_CERT_ALTNAME_INVALID)',
    );
    expect(of(strange, 'tls chain')[0]?.remedy).toContain('for the host of publicUrl');
  });
});
