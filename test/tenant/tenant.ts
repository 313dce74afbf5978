import type { HttpRequest, HttpResponse, Transport } from '../../src/kit/transport.ts';
import { appRoles, type AppRoles } from './app-roles.ts';
import { Background } from './background.ts';
import { RequestCounter, type Counts } from './counts.ts';
import { Delta } from './directory/delta.ts';
import { Directory } from './directory/directory.ts';
import type { DirectoryChange } from './directory/objects.ts';
import { Replica } from './directory/replica.ts';
import { photoRoutes } from './directory/photo-routes.ts';
import { Photos } from './directory/photos.ts';
import { directoryRoutes } from './directory/routes.ts';
import { Exchange } from './exchange/exchange.ts';
import { FaultDice, type FaultKind, type Faults } from './faults.ts';
import { Batch } from './http/batch.ts';
import { microsoftsCeilings, type Ceilings } from './http/ceilings.ts';
import { Gateway } from './http/gateway.ts';
import { latencyOf, type Latency } from './http/latency.ts';
import { Limits } from './http/limits.ts';
import { MailboxGate } from './http/mailbox-gate.ts';
import { Router } from './http/router.ts';
import { refuseDelivery, throughWire } from './http/through-wire.ts';
import { Worker } from './http/worker.ts';
import { AccessTokens } from './login/access-tokens.ts';
import type { Federation } from './login/federated.ts';
import { Login } from './login/login.ts';
import type { SignIns } from './login/sign-ins.ts';
import { ContactDelta } from './mailbox/contact-delta.ts';
import { contactRoutes } from './mailbox/contact-routes.ts';
import type { ContactChange } from './mailbox/mailbox.ts';
import { folderRoutes } from './mailbox/folder-routes.ts';
import { Mailboxes } from './mailbox/mailboxes.ts';
import { settingsRoutes } from './mailbox/settings-routes.ts';
import { Watch } from './mailbox/watch.ts';
import { Notifier } from './notify/notifier.ts';
import { subscriptionRoutes } from './notify/routes.ts';
import { Subscriptions } from './notify/subscriptions.ts';
import { defaultSwitches, type Switches, type TenantOptions } from './options.ts';
import { Oracles } from './oracles.ts';

/** Fixed ids, so that runs replay. */
export const defaultTenantId = '11111111-1111-4111-8111-111111111111';
export const defaultClientId = '22222222-2222-4222-8222-222222222222';

/** The application permissions that the main job needs, and no other. */
export const MAIN_ROLES: readonly string[] = ['Contacts.ReadWrite', 'Group.Read.All', 'User.Read.All'];

const EXCHANGE_HOST = 'https://outlook.office365.com';

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
  /** Pictures of people. */
  readonly photos: Photos;
  /** Exchange Online behind its admin endpoint. */
  readonly exchange: Exchange;
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly oracles: Oracles;
  /** Requests by operation, sub-requests with `$batch ` in front; see `counts.ts` for sums and differences. */
  readonly counts: Counts;
  /** HTTP requests to Graph, those for tokens not counted. */
  readonly httpRequests: number;
  readonly faultCounts: ReadonlyMap<FaultKind, number>;
  /** Requests that were refused because the app lacks the permission, by operation. */
  readonly denials: ReadonlyMap<string, number>;
  /** Replaces the probabilities; `{}` ends the storm. */
  readonly setFaults: (faults: Faults) => void;
  /** An access token without the token endpoint, for tests that are not about it. */
  readonly issueToken: () => string;
  /** Every token so far meets a claims challenge from now on. */
  readonly revokeTokens: () => void;
  /** Adds a certificate (PEM) to the app registration. */
  readonly registerCertificate: (pem: string) => void;
  readonly registerSecret: (secret: string) => void;
  /** Adds a federated credential to the app registration. */
  readonly trust: (federation: Federation) => void;
  /** People who sign in to the app through a browser. */
  readonly signIns: SignIns;
  /** For hosts beside login and Graph that give or demand tokens of this tenant. */
  readonly tokens: Pick<AccessTokens, 'issue' | 'demand'>;
  /** Ends what runs on its own, such as deliveries that are tried again for hours: a process can end. */
  readonly close: () => void;
}

export function createTenant(options: TenantOptions): Tenant {
  const frame = frameOf(options);
  const state = stateOf(frame);
  const { login, tokens, gateway, exchange } = doorsOf(frame, state);
  const { graphHost, loginHost, exchangeHosts, counter, dice, switches } = frame;
  const answer = (request: HttpRequest): Promise<HttpResponse> => gateway.answer(request);
  return {
    tenantId: frame.tenantId,
    clientId: frame.clientId,
    switches,
    transport: (request) => throughWire(request, { hosts: [graphHost, loginHost, ...exchangeHosts], answer }),
    answer,
    directory: state.directory,
    mailboxes: state.mailboxes,
    photos: state.photos,
    exchange,
    subscriptions: state.subscriptions,
    notifier: state.notifier,
    oracles: frame.oracles,
    counts: counter.counts,
    get httpRequests() {
      return counter.httpRequests;
    },
    faultCounts: dice.counts,
    denials: frame.denials,
    setFaults: (faults) => dice.set(faults),
    issueToken: () => tokens.issue(graphHost, switches.accessTokenSeconds),
    revokeTokens: () => tokens.revokeAll(),
    registerCertificate: (pem) => login.register(pem),
    registerSecret: (secret) => login.registerSecret(secret),
    trust: (federation) => login.trust(federation),
    signIns: login.signIns,
    tokens,
    close: () => frame.background.close(),
  };
}

/** What everything else stands in: time, chance, settings, and those who count and watch. */
interface Frame extends Pick<TenantOptions, 'clock' | 'random'>, AppRoles {
  readonly tenantId: string;
  readonly clientId: string;
  readonly graphHost: string;
  readonly loginHost: string;
  readonly exchangeHosts: readonly string[];
  readonly exchange: NonNullable<TenantOptions['exchange']>;
  readonly certificates: readonly string[];
  readonly strict: boolean;
  readonly latency: Latency;
  readonly ceilings: Ceilings;
  readonly denials: Map<string, number>;
  readonly transport: Transport;
  readonly switches: Switches;
  readonly dice: FaultDice;
  readonly oracles: Oracles;
  readonly counter: RequestCounter;
  readonly watch: Watch;
  readonly background: Background;
}

function frameOf(options: TenantOptions): Frame {
  const { clock, random } = options;
  const oracles = new Oracles(clock);
  const switches = { ...defaultSwitches, ...options.switches };
  return {
    clock,
    random,
    tenantId: options.tenantId ?? defaultTenantId,
    clientId: options.app?.clientId ?? defaultClientId,
    graphHost: options.graphHost ?? 'https://graph.microsoft.com',
    loginHost: options.loginHost ?? 'https://login.microsoftonline.com',
    exchangeHosts: [EXCHANGE_HOST, ...(options.exchange?.movedTo ? [options.exchange.movedTo] : [])],
    exchange: options.exchange ?? {},
    certificates: options.app?.certificates ?? [],
    strict: options.auth !== 'open',
    latency: latencyOf(options.latencyMs ?? 0),
    ceilings: { ...microsoftsCeilings, ...options.ceilings },
    ...appRoles(options.app?.roles ?? MAIN_ROLES, switches),
    denials: new Map(),
    transport: options.deliver ?? refuseDelivery,
    switches,
    dice: new FaultDice(random, options.faults),
    oracles,
    counter: new RequestCounter(),
    watch: new Watch(oracles),
    background: new Background(clock),
  };
}

/** What a tenant is: people, groups, mailboxes, and who is told of changes. */
interface State {
  readonly directory: Directory;
  readonly delta: Delta;
  readonly mailboxes: Mailboxes;
  readonly photos: Photos;
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
}

function stateOf(frame: Frame): State {
  const { switches } = frame;
  const delta = new Delta(frame);
  const onChange = (change: DirectoryChange): void => {
    const licences = change.properties?.includes('assignedLicenses') !== false;
    if (change.collection === 'users' && licences) mailboxes.licensed(change.id);
    const isManager = change.properties?.every((name) => name === 'manager') === true;
    if (!isManager || switches.managerTold !== 'nowhere') delta.append(change);
    if (!isManager || switches.managerTold === 'everywhere') notifier.notify(change);
  };
  const directory = new Directory({ ...switches, clock: frame.clock, random: frame.random, onChange });
  const onContactChange = (change: ContactChange): void => notifier.notifyOfContact(change);
  const mailboxes = new Mailboxes({ ...switches, ...frame, directory, onContactChange });
  const subscriptions = new Subscriptions(frame);
  const notifier = new Notifier({ ...frame, subscriptions });
  const photos = new Photos({ ...switches, clock: frame.clock, directory, onChange });
  return { directory, delta, mailboxes, photos, subscriptions, notifier };
}

interface Doors {
  readonly login: Login;
  readonly tokens: AccessTokens;
  readonly gateway: Gateway;
  readonly exchange: Exchange;
}

/** How a tenant is reached: the login host, the Graph host and Exchange behind one door. */
function doorsOf(frame: Frame, state: State): Doors {
  const { switches, clientId } = frame;
  const { directory, mailboxes, notifier } = state;
  const tokens = new AccessTokens(frame);
  const login = new Login({ ...frame, tokens, accessTokenSeconds: switches.accessTokenSeconds });
  const limits = new Limits({ ...frame, appId: clientId, people: () => directory.users.size });
  const gate = new MailboxGate({ ...frame, ...switches, mailboxes, limits });
  const { lateApplyMs } = switches;
  const roles = new Set([...frame.roles, ...frame.scoped]);
  const worker = new Worker({ ...frame, gate, limits, suspects: notifier.forgedIds, roles, lateApplyMs });
  const replica = new Replica({ clock: frame.clock, dice: frame.dice, staleMs: switches.staleMs });
  const mail = { mailboxes, switches, watch: frame.watch };
  const router = new Router([
    ...directoryRoutes({ ...state, replica }),
    ...photoRoutes({ ...state, replica, switches }),
    ...settingsRoutes(mail),
    ...folderRoutes(mail),
    ...contactRoutes(mail, new ContactDelta(frame)),
    ...subscriptionRoutes({ ...frame, ...state, appId: clientId }),
  ]);
  const batch = new Batch({ ...frame, router, worker, base64: switches.base64 });
  const exchange = new Exchange({
    ...frame,
    tokens,
    directory,
    staleMs: switches.staleMs,
    switches: frame.exchange,
  });
  const gateway = new Gateway({ ...frame, login, tokens, router, worker, batch, exchange });
  return { login, tokens, gateway, exchange };
}
