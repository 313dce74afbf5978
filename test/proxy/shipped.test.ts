import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../process/free-port.ts';
import { makeCertificates } from '../tenant/certificates.ts';
import { environment, kinds } from './fronts.ts';

const DEPLOY = path.join(import.meta.dirname, '../../deploy');
const nginx = kinds.find(({ name }) => name === 'nginx');

/** The parts that everybody edits, as they are shipped: only ports, names and files of this machine are put in. */
test.skipIf(nginx?.installed !== true).each(['proxy/nginx/contact-sync', 'docker/nginx'])(
  'nginx takes what stands in %s',
  async (folder) => {
    const prefix = mkdtempSync(path.join(tmpdir(), 'contact-sync-nginx-'));
    const { server } = await makeCertificates();
    const port = await freePort();
    mkdirSync(path.join(prefix, 'contact-sync'));
    copyFileSync(path.join(DEPLOY, 'proxy/nginx/contact-sync.conf'), path.join(prefix, 'site.conf'));
    for (const name of ['here.conf', 'receivers.conf']) {
      const text = readFileSync(path.join(DEPLOY, folder, name), 'utf8')
        .replace(/listen \[::\]:443.*\n/, '')
        .replace('listen 443', `listen 127.0.0.1:${port}`)
        .replace('receiver:8080', '127.0.0.1:8080')
        .replace(/(ssl_certificate) .*;/, `$1 ${prefix}/server.crt;`)
        .replace(/(ssl_certificate_key) .*;/, `$1 ${prefix}/server.key;`)
        .replace(/(access_log) \S+/, `$1 ${prefix}/access.log`);
      writeFileSync(path.join(prefix, 'contact-sync', name), text);
    }
    writeFileSync(path.join(prefix, 'server.crt'), server.cert);
    writeFileSync(path.join(prefix, 'server.key'), server.key);
    writeFileSync(
      path.join(prefix, 'nginx.conf'),
      `pid ${prefix}/nginx.pid;\nevents {}\nhttp { include site.conf; }\n`,
    );
    const { status, stderr } = spawnSync(
      'nginx',
      ['-t', '-e', 'stderr', '-p', prefix, '-c', `${prefix}/nginx.conf`],
      {
        encoding: 'utf8',
        env: environment(),
      },
    );
    rmSync(prefix, { recursive: true });
    expect(stderr).not.toMatch(/\[(?:warn|emerg|error)\]/);
    expect(status).toBe(0);
  },
);
