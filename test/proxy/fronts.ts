import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../process/free-port.ts';
import { until } from '../process/until.ts';
import type { Certificates } from '../tenant/certificates.ts';

const SHIPPED = path.join(import.meta.dirname, '../../deploy/proxy');

/** A running proxy with the configuration that is shipped, on a loopback port. */
export interface Front {
  readonly port: number;
  /** What it logged so far. */
  readonly said: () => string;
  stop(): Promise<void>;
}

export interface FrontOptions {
  /** Ports of receivers on loopback. */
  readonly receivers: readonly number[];
  readonly server: Certificates['server'];
  /** The include that says who may post; everybody without it. */
  readonly sources?: string;
}

export interface Kind {
  readonly name: 'nginx' | 'caddy';
  /** Whether this machine has it. */
  readonly installed: boolean;
  readonly start: (options: FrontOptions) => Promise<Front>;
}

export const kinds: readonly Kind[] = [
  { name: 'nginx', installed: has('nginx', '-v'), start: startNginx },
  { name: 'caddy', installed: has('caddy', 'version'), start: startCaddy },
];

function has(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { env: environment() }).status === 0;
}

/** Debian keeps servers out of the path of ordinary users. */
export function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
}

/**
 * The shipped `contact-sync.conf`, byte for byte, where an administrator would put it. `here.conf` and `receivers.conf`,
 * which are everybody's own, name loopback ports and a certificate of the test.
 */
async function startNginx({ receivers, server, sources }: FrontOptions): Promise<Front> {
  const folder = await openFolder(server);
  const port = await freePort();
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
  await mkdir(path.join(folder, 'conf.d'));
  await mkdir(path.join(folder, 'contact-sync'));
  await copyFile(
    path.join(SHIPPED, 'nginx/contact-sync.conf'),
    path.join(folder, 'conf.d/contact-sync.conf'),
  );
  await write(
    'contact-sync/here.conf',
    `listen 127.0.0.1:${port} ssl http2;
server_name localhost;
ssl_certificate ${folder}/server.crt;
ssl_certificate_key ${folder}/server.key;
access_log ${folder}/access.log contact_sync;
`,
  );
  await write('contact-sync/receivers.conf', receivers.map((one) => `server 127.0.0.1:${one};\n`).join(''));
  if (sources !== undefined) await write('contact-sync/sources.conf', sources);
  await write(
    'nginx.conf',
    `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 512; }
http {
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  scgi_temp_path ${folder}/scgi;
  uwsgi_temp_path ${folder}/uwsgi;
  include conf.d/*.conf;
}
`,
  );
  const child = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', `${folder}/nginx.conf`], {
    env: environment(),
  });
  return running({ child, port, folder });
}

/** The shipped `Caddyfile`, byte for byte; ports and certificate by the variables that it names. */
async function startCaddy({ receivers, server, sources }: FrontOptions): Promise<Front> {
  const folder = await openFolder(server);
  const port = await freePort();
  await cp(path.join(SHIPPED, 'caddy/Caddyfile'), path.join(folder, 'Caddyfile'));
  if (sources !== undefined) await writeFile(path.join(folder, 'sources.caddy'), sources);
  const child = spawn('caddy', ['run', '--config', `${folder}/Caddyfile`], {
    env: {
      ...environment(),
      HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
      CONTACT_SYNC_SITE: `https://localhost:${port}`,
      CONTACT_SYNC_RECEIVERS: receivers.map((one) => `127.0.0.1:${one}`).join(' '),
      CONTACT_SYNC_CERTIFICATE: `${folder}/server.crt ${folder}/server.key`,
      CONTACT_SYNC_BIND: '127.0.0.1',
      CONTACT_SYNC_ADMIN: 'off',
    },
  });
  return running({ child, port, folder });
}

async function openFolder({ cert, key }: Certificates['server']): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-front-'));
  await writeFile(path.join(folder, 'server.crt'), cert);
  await writeFile(path.join(folder, 'server.key'), key, { mode: 0o600 });
  return folder;
}

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly folder: string;
}

async function running({ child, port, folder }: Started): Promise<Front> {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => (said += part));
  const ended = once(child, 'exit');
  await until(() => child.exitCode === null && accepts(port), { else: () => said });
  return {
    port,
    said: () => said,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1');
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
}
