import { EventEmitter } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { World } from '../../src/cli/world.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { Config } from '../../src/kit/config/config.ts';
import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { fakeLink } from './fake-link.ts';
import type { RevertReport, Run, Service } from '../../src/run/service.ts';
import type { Surroundings, SweepReport, SyncReport } from '../../src/run/service.ts';
import type { Status } from '../../src/run/status-report.ts';
import type { AuditReport } from '../../src/run/audit-report.ts';
import { ropa } from '../../src/run/wire.ts';
import { certificatePem, MINIMAL } from '../kit/config-fixture.ts';
import { PLAN } from './plan-report.ts';

export const SWEEP: SweepReport = { changed: 12, found: 1, httpRequests: 4, seconds: 0.84 };

export const REVERT: RevertReport = {
  job: 'staff',
  mailboxes: 10_000,
  kept: 12,
  left: 0,
  searching: false,
  stopped: false,
  httpRequests: 1_560,
  seconds: 412,
};

export const AUDIT: AuditReport = {
  at: '2026-11-20T12:00:00.000Z',
  equal: true,
  mailboxes: [
    {
      job: 'staff',
      tenant: 'contoso',
      mailbox: 'owner-1',
      equal: true,
      verifiedAt: '2026-11-20T11:59:00.000Z',
      found: { missing: 1, changed: 2, extra: 0, folderMissing: false },
      accepted: 0,
      behind: 0,
    },
  ],
  failing: 0,
  httpRequests: 3,
  seconds: 2,
};

export const SYNC: SyncReport = {
  mailboxes: 50,
  contacts: 24_950,
  writes: 24_950,
  httpRequests: 1300,
  seconds: 31,
  waiting: 0,
  failing: 0,
  held: 0,
  dead: 0,
  blocked: 0,
  stopped: [],
};

const NEVER = { verified: 0, oldest: null, latest: null };
const WORKS = { halt: null, revert: null };

export const STATUS: Status = {
  at: '2026-11-20T12:00:00.000Z',
  deployment: 'production',
  jobs: [
    {
      job: 'staff',
      people: 500,
      mailboxes: 50,
      contacts: 24_950,
      behind: 0,
      held: [],
      resting: 0,
      suspicion: null,
      missingTenant: null,
      ...WORKS,
    },
    {
      job: 'guests',
      people: 1,
      mailboxes: 1,
      contacts: 1,
      behind: 3,
      held: [],
      resting: 0,
      suspicion: null,
      missingTenant: 'fabrikam',
      ...WORKS,
    },
  ],
  halts: [],
  subscriptions: [{ tenant: 'contoso', resource: 'users', expires: '2026-11-23T12:00:00.000Z' }],
  queues: [{ name: 'changes', due: 2, delayed: 1, held: 0, dead: 0, oldestDueSeconds: 1.5 }],
  processes: [],
  missingGroups: [],
  parked: [],
  setbacks: { work: 0, folders: 0, contacts: 0, newest: [] },
  throttles: [],
  tenants: [],
  lastSweep: null,
  foundBySweep: 0,
  audits: [
    {
      job: 'staff',
      mailboxes: 50,
      verified: 50,
      oldest: '2026-11-14T02:10:00.000Z',
      latest: '2026-11-15T02:20:00.000Z',
      drifted: 1,
      accepted: 0,
      adopted: 7,
    },
    { job: 'guests', mailboxes: 1, ...NEVER, drifted: 0, accepted: 1, adopted: 0 },
  ],
};

/** A configuration on disk with two jobs and a certificate; resolves with its path. */
export async function writeConfig(extra = ''): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-'));
  const { cert, key } = await certificatePem();
  writeFileSync(path.join(folder, 'contoso.pem'), cert + key);
  const guests = MINIMAL.slice(MINIMAL.indexOf('  staff:'))
    .replace('staff', 'guests')
    .replace(/folder: .*/, 'folder: Guests');
  writeFileSync(path.join(folder, 'contact-sync.yaml'), MINIMAL + guests + extra);
  return path.join(folder, 'contact-sync.yaml');
}

export const QUEUES = { queues: ['changes', 'writes'], created: [], findings: [] };

export interface Parts extends Partial<Omit<Service, 'close'> & Omit<Run, 'readStatus' | 'ropa'>> {
  readonly status?: Status;
  readonly confirm?: World['confirm'];
  readonly ask?: World['ask'];
  readonly runDemo?: World['runDemo'];
  readonly env?: World['env'];
  readonly isJournal?: boolean;
}

/** A world whose service is made of the given parts, and what was seen of it. */
export function fakeWorld(parts: Parts = {}) {
  const seen = {
    stdout: '',
    stderr: '',
    config: undefined as Config | undefined,
    surroundings: undefined as Surroundings | undefined,
    role: undefined as string | undefined,
    closed: 0,
    exits: [] as number[],
  };
  const signals = new EventEmitter();
  const service: Service = {
    run: parts.run ?? (() => Promise.resolve()),
    sweep: parts.sweep ?? (() => Promise.resolve(SWEEP)),
    audit: parts.audit ?? (() => Promise.resolve(AUDIT)),
    syncOnce: parts.syncOnce ?? (() => Promise.resolve(SYNC)),
    revert: parts.revert ?? (() => Promise.resolve(REVERT)),
    close: () => Promise.resolve(void (seen.closed += 1)),
  };
  const run: Run = {
    openService:
      parts.openService ??
      ((config, surroundings, role) => {
        Object.assign(seen, { config, surroundings, role });
        return Promise.resolve(service);
      }),
    readStatus: (config) => {
      seen.config = config;
      return Promise.resolve(parts.status ?? STATUS);
    },
    approve: parts.approve ?? (() => Promise.resolve(0)),
    plan: parts.plan ?? (() => Promise.resolve(PLAN)),
    createQueues: parts.createQueues ?? (() => Promise.resolve(QUEUES)),
    checkQueues: parts.checkQueues ?? (() => Promise.resolve(QUEUES)),
    move:
      parts.move ??
      (() =>
        Promise.resolve({
          from: 'embedded',
          to: 'distributed',
          messages: 3,
          left: 0,
          seconds: 2,
          tables: [{ table: 'links', rows: 24_950, digest: 'ab'.repeat(32) }],
        })),
    pause: parts.pause ?? (() => Promise.resolve()),
    resume: parts.resume ?? (() => Promise.resolve(false)),
    auditBeside: parts.auditBeside ?? (() => Promise.resolve(AUDIT)),
    retry: parts.retry ?? (() => Promise.resolve({ mailboxes: 0, other: 0 })),
    ropa,
    traceChange: parts.traceChange ?? (() => Promise.reject(new Error('not expected'))),
    latestChanges: parts.latestChanges ?? (() => Promise.reject(new Error('not expected'))),
    readRecord: parts.readRecord ?? (() => Promise.resolve({ writes: [], more: false })),
    findSubject: parts.findSubject ?? (() => Promise.reject(new Error('not expected'))),
    eraseSubject: parts.eraseSubject ?? (() => Promise.reject(new Error('not expected'))),
    restoreSubject: parts.restoreSubject ?? (() => Promise.reject(new Error('not expected'))),
    explain: parts.explain ?? (() => Promise.reject(new Error('not expected'))),
    listGivenUp: parts.listGivenUp ?? (() => Promise.resolve({ at: STATUS.at, total: 0, things: [] })),
    retryGivenUp: parts.retryGivenUp ?? (() => Promise.resolve({ retried: [], left: [] })),
    dropGivenUp: parts.dropGivenUp ?? (() => Promise.resolve(null)),
    examine: parts.examine ?? (() => Promise.resolve([])),
    openDashboard: (config) => {
      Object.assign(seen, { config, role: 'dashboard' });
      return Promise.resolve(service);
    },
    dashboardLink: parts.dashboardLink ?? fakeLink,
    revertBeside: parts.revertBeside ?? (() => Promise.resolve(REVERT)),
  };
  const world: World = {
    version: '1.2.3',
    env: parts.env ?? {},
    stdout: { write: (text: string) => void (seen.stdout += text) },
    stderr: { write: (text: string) => void (seen.stderr += text) },
    signals,
    openLog: () => silentLog,
    openEventLog: () => ({ take: () => {}, close: () => Promise.resolve() }),
    isJournal: parts.isJournal ?? false,
    openTracing: () => Promise.resolve(null),
    ...(parts.confirm ? { confirm: parts.confirm } : {}),
    ...(parts.ask ? { ask: parts.ask } : {}),
    exit: (code) => void seen.exits.push(code),
    clock: systemClock,
    random: systemRandom,
    transport: () => Promise.reject(new Error('no request was expected')),
    loadRun: () => Promise.resolve(run),
    loadReceiver: () =>
      Promise.resolve({
        openReceiver: (config: Config) => {
          Object.assign(seen, { config, role: 'receiver' });
          return service;
        },
      }),
    runDemo: parts.runDemo ?? (() => Promise.resolve(0)),
  };
  return { world, seen, signals };
}
