import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { administration } from './admin/serve.ts';
import { checkJwt } from './access/jwt.ts';
import type { Claim, Rights } from './access/rights.ts';
import { checkSas, type SharedKey } from './access/sas.ts';
import type { Face, FaceOptions } from './amqp/face.ts';
import { Faults } from './faults.ts';
import { openJournal } from './journal.ts';
import { listen, type Listening, type Tls } from './listen.ts';
import { Namespace } from './namespace.ts';
import { Refusal } from './queue/refusal.ts';
import type { Counts } from './queue/stock.ts';
import type { QueueSettings } from './queue/settings.ts';

/** The policy that every namespace has from the beginning, with the key that the official emulator documents. */
const ROOT_KEY: SharedKey = {
  name: 'RootManageSharedAccessKey',
  key: 'SAS_KEY_VALUE',
  rights: { '*': ['manage'] },
};

export interface ServiceBusOptions {
  readonly clock?: Clock;
  /** The clock of those who make tokens, where it is another: the SDK knows the machine's alone. */
  readonly tokenClock?: Clock;
  /** Settings by queue name; what is not said is as the service has it. */
  readonly queues?: Readonly<Record<string, Partial<QueueSettings>>>;
  /** 0: any free one. */
  readonly port?: number;
  /** Without it only plain AMQP is spoken, and there is no administration. */
  readonly tls?: Tls;
  /** Shared access policies beside the root's. */
  readonly keys?: readonly SharedKey[];
  /** What identities may do, by object id: least rights can be tested with them. */
  readonly identities?: Readonly<Record<string, Rights>>;
  /** Signs tokens of identities; see `makeToken` in access/jwt.ts. */
  readonly tokenKey?: string;
  /** Checks tokens of identities instead, when another issues them. Throws a Refusal `unauthorized`. */
  readonly checkToken?: (token: string) => Claim;
  /** Written to before anything is answered, and read at the start: messages outlive a killed process. */
  readonly file?: string;
  readonly face?: Partial<FaceOptions>;
}

export interface ServiceBus {
  readonly port: number;
  /** `sb://127.0.0.1:PORT`: also the SDK's `customEndpointAddress`. */
  readonly address: string;
  /** Plain AMQP, as for the official emulator. */
  readonly connectionString: string;
  /** AMQP in TLS and the administration client; needs `tls`. */
  readonly tlsConnectionString: string;
  readonly faults: Faults;
  readonly namespace: Namespace;
  /** Messages of a queue by state, and its dead letters. */
  depth(queue: string): Counts & { readonly dead: number };
  /** Open AMQP connections. */
  connections(): number;
  /** Cuts every connection, as a broken network does; returns how many. */
  dropConnections(): number;
  /** Closes every link, as the service does with idle ones. */
  detachLinks(): void;
  /** Takes sessions from their holders: one, or all of the queue. Their messages count as tried. Returns how many. */
  stealSessions(queue: string, sessionId?: string): number;
  /** Nobody listens any more and every connection is cut; messages stay. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a double of Azure Service Bus in this process, on loopback. */
export async function startServiceBus(options: ServiceBusOptions = {}): Promise<ServiceBus> {
  const clock = options.clock ?? systemClock;
  const newToken = tokens();
  const journal = options.file === undefined ? null : openJournal(options.file, () => clock.now());
  const namespace = new Namespace({ clock, token: newToken, book: journal?.book ?? null });
  for (const found of journal?.found ?? []) namespace.restore(found);
  for (const [name, settings] of Object.entries(options.queues ?? {}))
    if (!namespace.has(name)) namespace.create(name, settings);
  const faults = new Faults();
  const face = {
    namespace,
    clock,
    faults,
    check: checkOf(options, clock),
    newId: newToken,
    newToken,
    options: { idleLinkMs: 10 * 60_000, locksAfterBreak: 'released' as const, ...options.face },
  };
  const open = (port: number): Promise<Listening> =>
    listen(face, {
      port,
      tls: options.tls ?? null,
      administration: administration(face),
    });
  let listening: Listening | null = await open(options.port ?? 0);
  const { port } = listening;
  const address = `sb://127.0.0.1:${port}`;
  const tlsConnectionString = `Endpoint=${address};SharedAccessKeyName=${ROOT_KEY.name};SharedAccessKey=${ROOT_KEY.key}`;
  const stop = async (): Promise<void> => {
    await listening?.close();
    listening = null;
  };
  return {
    port,
    address,
    connectionString: `${tlsConnectionString};UseDevelopmentEmulator=true`,
    tlsConnectionString,
    faults,
    namespace,
    depth: (name) => {
      const queue = namespace.find(name);
      return { ...queue.counts, dead: queue.deadLetters?.counts.active ?? 0 };
    },
    connections: () => listening?.connections() ?? 0,
    dropConnections: () => listening?.drop() ?? 0,
    detachLinks: () => listening?.detachLinks(),
    stealSessions: (name, sessionId) => {
      const queue = namespace.find(name);
      const holds = queue.sessions
        .holds()
        .filter(({ session }) => sessionId === undefined || session.id === sessionId);
      for (const hold of holds) queue.revoke(hold);
      return holds.length;
    },
    stop,
    restart: async () => {
      await stop();
      listening = await open(port);
    },
    close: async () => {
      await stop();
      namespace.close();
      journal?.close();
    },
  };
}

/** Until when a token is good is told by the clock of the bus. */
function checkOf(options: ServiceBusOptions, clock: Clock): Face['check'] {
  const { tokenClock = clock } = options;
  const check = checkByItsClock(options, tokenClock);
  return (...presented) => {
    const claim = check(...presented);
    return { ...claim, until: claim.until + clock.now() - tokenClock.now() };
  };
}

function checkByItsClock(options: ServiceBusOptions, clock: Clock): Face['check'] {
  const keys = [ROOT_KEY, ...(options.keys ?? [])];
  const { tokenKey, identities = {}, checkToken } = options;
  return (token, type, wanted) => {
    if (type !== 'jwt') return checkSas(token, wanted, { keys, now: clock.now() });
    if (checkToken) return checkToken(token);
    if (tokenKey === undefined)
      throw new Refusal('unauthorized', 'The double was started without a key for tokens of identities.');
    return checkJwt(token, { key: tokenKey, now: clock.now(), identities });
  };
}

/** Different in every process, and cheaper than chance: a lock token is made for every message. */
function tokens(): () => string {
  const start = randomBytes(10).toString('hex');
  let count = 0;
  return () => start + (count += 1).toString(16).padStart(12, '0');
}
