import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { systemClock } from '../../src/kit/clock.ts';
import { loadConfig, type Config } from '../../src/kit/config/config.ts';
import { createLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import type { Progress } from '../../src/run/service.ts';
import { openService } from '../../src/run/wire.ts';
import { makeCertificates } from '../tenant/certificates.ts';
import { serveTenant } from '../tenant/serve.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { DemoOptions } from './options.ts';
import { openSeveral, openSharedStores, type Cast } from './shared-stage.ts';

export type OnProgress = (progress: Progress) => void;

/** Where a stage is set: tenants behind HTTPS, a folder, and the service by a configuration in it. */
export interface Theatre {
  readonly folder: string;
  /** Serves a tenant, and lets the app in. Returns its origin. */
  serve(tenant: Tenant): Promise<string>;
  open(configuration: string, options: Pick<DemoOptions, 'shape'>, onProgress: OnProgress): Promise<Opened>;
  close(): Promise<void>;
}

interface Opened {
  readonly config: Config;
  readonly service: Cast;
  /** Everything that is kept or said. */
  readonly folders: readonly string[];
}

export async function openTheatre(): Promise<Theatre> {
  const folder = await mkdtemp(path.join(tmpdir(), 'contact-sync-demo-'));
  const certificates = await makeCertificates();
  setDefaultCACertificates([...getCACertificates('default'), certificates.ca]);
  await writeFile(path.join(folder, 'app.pem'), certificates.app.pem, { mode: 0o600 });
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  return {
    folder,
    serve: async (tenant) => {
      tenant.registerCertificate(certificates.app.cert);
      const served = await serveTenant(tenant, { tls: certificates.server });
      closing.push(() => served.close());
      return served.origin;
    },
    open: async (configuration, { shape }, onProgress) => {
      const stores = shape === 'distributed' ? await openSharedStores(folder) : null;
      if (stores) closing.push(() => stores.close());
      const file = path.join(folder, 'contact-sync.yaml');
      await writeFile(file, configuration + (stores?.lines ?? 'data: ./data\n'));
      const config = loadConfig(file, {
        CONTACT_SYNC_CLIENT_STATE_KEY: Buffer.from(systemRandom.bytes(32)).toString('base64'),
        FINGERPRINT_KEY: Buffer.from(systemRandom.bytes(32)).toString('base64'),
        ...stores?.environment,
      });
      const logFile = createWriteStream(path.join(folder, 'service.log'));
      closing.push(() => new Promise((resolve) => logFile.end(resolve)));
      const service = await (stores ? openSeveral : openService)(config, {
        clock: systemClock,
        random: systemRandom,
        transport: fetchTransport,
        log: createLog('debug', logFile),
        onProgress,
      });
      closing.push(() => service.close());
      return { config, service, folders: [folder, ...(stores?.folders ?? [])] };
    },
    close: async () => {
      for (const close of closing.toReversed()) await close();
    },
  };
}
