import type { HttpRequest, HttpResponse, Transport } from '../../src/kit/transport.ts';
import { RequestCounter, type Counts } from './counts.ts';
import { Delta } from './directory/delta.ts';
import { Directory } from './directory/directory.ts';
import type { DirectoryChange } from './directory/objects.ts';
import { Replica } from './directory/replica.ts';
import { directoryRoutes } from './directory/routes.ts';
import { FaultDice, type FaultKind, type Faults } from './faults.ts';
import { Batch } from './http/batch.ts';
import { ConnectionLost, Gateway } from './http/gateway.ts';
import { Limits } from './http/limits.ts';
import { MailboxGate } from './http/mailbox-gate.ts';
import { Router } from './http/router.ts';
import { Worker } from './http/worker.ts';
import { AccessTokens } from './login/access-tokens.ts';
import { Login } from './login/login.ts';
import { contactRoutes } from './mailbox/contact-routes.ts';
import { folderRoutes } from './mailbox/folder-routes.ts';
import { Mailboxes } from './mailbox/mailboxes.ts';
import { Watch } from './mailbox/watch.ts';
import { Notifier } from './notify/notifier.ts';
import { subscriptionRoutes } from './notify/routes.ts';
import { Subscriptions } from './notify/subscriptions.ts';
import { defaultSwitches, type Switches, type TenantOptions } from './options.ts';
import { Oracles } from './oracles.ts';

/** Fixed ids, so that runs replay. */
export const defaultTenantId = '11111111-1111-4111-8111-111111111111';
export const defaultClientId = '22222222-2222-4222-8222-222222222222';

/** A Microsoft 365 tenant in one process: what a client can ask, and what its people and administrators can do. */
export interface Tenant {
  readonly tenantId: string;
  readonly clientId: string;
  readonly switches: Readonly<Switches>;
  /** The in-process face: login and Graph hosts, the same code as behind HTTP. */
  readonly transport: Transport;
  /** The same for another origin than the configured ones: links then point there. For the HTTP face. */
  readonly answer: (request: HttpRequest) => Promise<HttpResponse>;
  readonly directory: Directory;
  readonly mailboxes: Mailboxes;
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly oracles: Oracles;
  /** Requests by operation, sub-requests with `$batch ` in front; see `counts.ts` for sums and differences. */
  readonly counts: Counts;
  /** HTTP requests to Graph, those for tokens not counted. */
  readonly httpRequests: number;
  readonly faultCounts: ReadonlyMap<FaultKind, number>;
  /** Replaces the probabilities; `{}` ends the storm. */
  readonly setFaults: (faults: Faults) => void;
  /** An access token without the token endpoint, for tests that are not about it. */
  readonly issueToken: () => string;
  /** Every token so far meets a claims challenge from now on. */
  readonly revokeTokens: () => void;
  /** Adds a certificate (PEM) to the app registration. */
  readonly registerCertificate: (pem: string) => void;
}

export function createTenant(options: TenantOptions): Tenant {
  const { clock, random } = options;
  const switches: Switches = { ...defaultSwitches, ...options.switches };
  const tenantId = options.tenantId ?? defaultTenantId;
  const clientId = options.app?.clientId ?? defaultClientId;
  const graphHost = options.graphHost ?? 'https://graph.microsoft.com';
  const loginHost = options.loginHost ?? 'https://login.microsoftonline.com';
  const transport = options.deliver ?? refuseDelivery;
  const dice = new FaultDice(random, options.faults);
  const oracles = new Oracles(clock);
  const counter = new RequestCounter();
  const watch = new Watch(oracles);
  const delta = new Delta({ clock, random, dice, switches });
  const directory = new Directory({ ...switches, clock, random, onChange: (change) => spread(change) });
  const mailboxes = new Mailboxes({ ...switches, clock, random, directory });
  const subscriptions = new Subscriptions({ clock, random, switches, oracles });
  const notifier = new Notifier({ tenantId, clock, random, dice, switches, subscriptions, transport });
  const spread = (change: DirectoryChange): void => {
    if (change.collection === 'users' && change.properties?.includes('assignedLicenses') !== false) {
      mailboxes.licensed(change.id);
    }
    delta.append(change);
    notifier.notify(change);
  };
  const tokens = new AccessTokens({ clock, random, tenantId, clientId, strict: options.auth !== 'open' });
  const certificates = options.app?.certificates ?? [];
  const { accessTokenSeconds } = switches;
  const login = new Login({
    clock,
    random,
    tenantId,
    clientId,
    graphHost,
    certificates,
    tokens,
    counter,
    accessTokenSeconds,
  });
  const limits = new Limits({ appId: clientId, tenantId, people: () => directory.users.size });
  const gate = new MailboxGate({ ...switches, mailboxes, oracles, limits, dice });
  const worker = new Worker({
    clock,
    random,
    dice,
    gate,
    limits,
    watch,
    oracles,
    suspects: notifier.forgedIds,
    latencyMs: options.latencyMs ?? 0,
  });
  const replica = new Replica({ clock, dice, staleMs: switches.staleMs });
  const router = new Router([
    ...directoryRoutes({ directory, replica, delta }),
    ...folderRoutes({ mailboxes, switches, watch }),
    ...contactRoutes({ mailboxes, switches, watch }),
    ...subscriptionRoutes({ appId: clientId, clock, random, transport, switches, subscriptions, notifier }),
  ]);
  const batch = new Batch({ router, worker, counter, oracles, dice, random });
  const gateway = new Gateway({ clock, random, dice, login, tokens, counter, router, worker, batch });
  const answer = (request: HttpRequest): Promise<HttpResponse> => gateway.answer(request);
  return {
    tenantId,
    clientId,
    switches,
    transport: (request) => throughWire(request, { hosts: [graphHost, loginHost], answer }),
    answer,
    directory,
    mailboxes,
    subscriptions,
    notifier,
    oracles,
    counts: counter.counts,
    get httpRequests() {
      return counter.httpRequests;
    },
    faultCounts: dice.counts,
    setFaults: (faults) => dice.set(faults),
    issueToken: () => tokens.issue(graphHost, accessTokenSeconds),
    revokeTokens: () => tokens.revokeAll(),
    registerCertificate: (pem) => login.register(pem),
  };
}

/** What a network does in between: unknown hosts do not resolve, and an aborted request goes on unseen. */
function throughWire(
  request: HttpRequest,
  to: { hosts: readonly string[]; answer: (request: HttpRequest) => Promise<HttpResponse> },
): Promise<HttpResponse> {
  const { origin } = new URL(request.url);
  if (!to.hosts.includes(origin)) {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    return Promise.reject(new TypeError('fetch failed', { cause }));
  }
  const { signal } = request;
  if (signal === undefined) return to.answer(request);
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    to.answer(request)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

function refuseDelivery(): Promise<HttpResponse> {
  return Promise.reject(new ConnectionLost());
}
