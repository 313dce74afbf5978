import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Transport } from '../../../src/kit/transport.ts';
import { makeServerCertificate } from '../../tenant/certificates.ts';
import { serveTenant } from '../../tenant/serve.ts';
import type { Tenant } from '../../tenant/tenant.ts';

const HOSTS = ['login.microsoftonline.com', 'graph.microsoft.com'];

/** Several tenants behind the hosts that they share in the global cloud. */
export interface Internet {
  /** What sends a process there: it reaches nothing else. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** A proxy on loopback that leads the names of the global cloud to these tenants. `folder`: where its authority is put. */
export async function openInternet(tenants: readonly Tenant[], folder: string): Promise<Internet> {
  const certificate = await makeServerCertificate('Authority of the cloud', { hosts: HOSTS });
  const authority = path.join(folder, 'authority.pem');
  await writeFile(authority, certificate.ca);
  const served = await serveTenant({ answer: behindOneHost(tenants) }, { tls: certificate.server });
  const proxy = createServer();
  const open = new Set<{ destroy(): void }>();
  proxy.on('connect', ({ url = '' }, socket) => {
    open.add(socket);
    if (!HOSTS.some((host) => url === `${host}:443`)) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const tunnel = connect(served.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    for (const [end, other] of [
      [socket, tunnel],
      [tunnel, socket],
    ] as const)
      end.on('error', () => other.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    // https://nodejs.org/docs/latest-v24.x/api/cli.html#node_use_env_proxy1
    env: {
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      NODE_EXTRA_CA_CERTS: authority,
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
      await served.close();
    },
  };
}

/** The path of a login names its tenant; of everything else the token tells which one gave it. */
export function behindOneHost(tenants: readonly Tenant[]): Transport {
  const givenBy = new Map<string, Tenant>();
  return async (request) => {
    const id = new URL(request.url).pathname.split('/')[1]?.toLowerCase();
    const tenant =
      tenants.find(({ tenantId }) => tenantId === id) ??
      givenBy.get(request.headers['authorization'] ?? '') ??
      tenants[0];
    if (!tenant) throw new Error('There is no tenant.');
    const response = await tenant.answer(request);
    const token = /"access_token":"([^"]+)"/.exec(response.body)?.[1];
    if (token !== undefined) givenBy.set(`Bearer ${token}`, tenant);
    return response;
  };
}
