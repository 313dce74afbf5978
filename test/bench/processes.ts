import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, launch } from './children.ts';
import {
  FOLDER,
  type BareFigures,
  type ServiceFigures,
  type TenantFigures,
  type TenantQuestion,
  type TenantReady,
} from './protocol.ts';

/** Graph's own limit for one app: the default budget, a fraction of it, would only stretch the run. */
const REQUESTS_PER_10S = 130_000;

export interface ProcessesOptions {
  readonly people: number;
  readonly mailboxes: number;
  /** Whether the same batches are sent by a bare loop afterwards. */
  readonly bare: boolean;
}

export interface ProcessesFigures {
  readonly service: ServiceFigures;
  readonly tenant: TenantFigures;
  readonly bare: BareFigures | null;
}

/**
 * The whole service in one process, the simulated tenant in another, HTTPS between them. Each has a core of its own
 * where there are two, and what is measured is measured by the process that it is about.
 */
export async function measureInProcesses(options: ProcessesOptions): Promise<ProcessesFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-processes-'));
  const children: ChildProcess[] = [];
  const begin: typeof launch = (...of) => {
    const child = launch(...of);
    children.push(child);
    return child;
  };
  try {
    const { people, mailboxes, bare } = options;
    const tenantArguments = [String(people), String(mailboxes), bare ? 'record' : 'forget'];
    // A million contacts are more than V8 would grant by itself.
    const tenant = begin('tenant-process.ts', tenantArguments, {
      cpu: 1,
      env: { NODE_OPTIONS: '--max-old-space-size=8192' },
    });
    const ready = await ask<TenantReady>(tenant);
    const trust = { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
    furnish(folder, ready);
    const service = begin('service-process.ts', [join(folder, 'contact-sync.yaml')], { cpu: 0, env: trust });
    const serviceFigures = await ask<ServiceFigures>(service);
    const tenantFigures = await ask<TenantFigures>(tenant, { ask: 'figures' } satisfies TenantQuestion);
    if (tenantFigures.wrong > 0) throw new Error(`${tenantFigures.wrong} contacts are not right`);
    const figures = { service: serviceFigures, tenant: tenantFigures };
    if (!bare) return { ...figures, bare: null };
    const file = join(folder, 'batches');
    await ask<number>(tenant, { ask: 'replay', file } satisfies TenantQuestion);
    const loop = begin('bare-process.ts', [ready.origin, file], { cpu: 0, env: trust });
    return { ...figures, bare: await ask<BareFigures>(loop) };
  } finally {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything that an administrator gives the service. */
function furnish(folder: string, { origin, tenantId, clientId, source, ca, app }: TenantReady): void {
  writeFileSync(join(folder, 'ca.pem'), ca);
  writeFileSync(join(folder, 'app.pem'), app, { mode: 0o600 });
  writeFileSync(
    join(folder, 'contact-sync.yaml'),
    `tenants:
  contoso:
    tenantId: ${tenantId}
    clientId: ${clientId}
    cloud: { login: "${origin}", graph: "${origin}" }
    credential: { certificate: ./app.pem }
jobs:
  staff:
    kind: directory
    tenant: contoso
    source: { groups: [${source}] }
    target: { mailboxes: licensed }
    folder: ${FOLDER}
data: ./data
limits: { requestsPer10s: ${REQUESTS_PER_10S} }
`,
  );
}
