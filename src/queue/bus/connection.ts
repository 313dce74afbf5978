import { RetryMode, ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';
import { toldOf } from '../../kit/told.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { isUnauthorized } from './faults.ts';

/** Who we are to the bus. A connection string is for the emulator and for tests; elsewhere it is a key that never ends. */
export type BusAccess =
  | { readonly connectionString: string }
  | {
      /** The namespace's host, such as `contoso.servicebus.windows.net`. */
      readonly namespace: string;
      readonly credential: BusCredential;
      /** Where it is reached when not at its own name (`sb://host:port`). */
      readonly endpoint?: string;
    };

/** The part of an Entra credential that the client uses. */
export interface BusCredential {
  getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

/** A client that is built anew when it cannot mend itself. */
export interface BusConnection {
  /** The one to use now; built when there is none. */
  client(): ServiceBusClient;
  /** Tells what became of an operation, so that a client that only fails is given up. */
  succeeded(): void;
  failed(error: unknown): void;
  close(): Promise<void>;
}

export interface BusConnectionOptions {
  readonly access: BusAccess;
  readonly clock: Clock;
  /** Times how long an answer may take. */
  readonly limits: Clock;
  readonly log: Log;
  /** How long one operation may take, in milliseconds, and how often it is tried. */
  readonly timeoutMs: number;
  readonly retries: number;
  /** Called when the client was given up: everything that was opened through it is gone. */
  readonly onRebuild?: () => void;
}

/** A client that did nothing but fail for so long is given up, whatever it says the reason is. */
const HOPELESS_MS = 30_000;
/** Refused again at once, it is left to its own retries for a while. */
const REBUILD_EVERY_MS = 5_000;
/** The client's renewals allow 60 s for a token; it asks two minutes before the old one ends. */
const TOKEN_PATIENCE_MS = 45_000;
const TOKEN_RETRY_MS = { first: 500, longest: 8_000 };
/** A client on a dead connection may never say that it is closed. */
const CLOSING_MS = 5_000;

/**
 * The client mends dropped connections and detached links by itself. What it does not mend (7.9.5): after a single failed
 * `getToken` nobody renews the token of that link any more (azure-sdk-for-js#38467), and the bus refuses it from the token's
 * end on. So a token is asked for with patience, and a client that met a refusal is built anew.
 */
export function createBusConnection(options: BusConnectionOptions): BusConnection {
  const { clock, log } = options;
  let client: ServiceBusClient | null = null;
  let rebuiltAt = Number.NEGATIVE_INFINITY;
  let failingSince: number | null = null;
  const closing = new AbortController();
  const access = patient(options.access, {
    clock,
    signal: closing.signal,
    onGivenUp: () => rebuild('a token could not be had'),
  });

  function rebuild(reason: string): void {
    const now = clock.now();
    if (client === null || now - rebuiltAt < REBUILD_EVERY_MS) return;
    rebuiltAt = now;
    failingSince = null;
    log.tell('connection-rebuilt', { reason });
    const old = client;
    client = null;
    closeQuietly(old).catch(() => {});
    options.onRebuild?.();
  }

  return {
    client: () => (client ??= newClient(access, options)),
    succeeded: () => {
      failingSince = null;
    },
    failed(error) {
      failingSince ??= clock.now();
      if (isUnauthorized(error)) rebuild('the token was refused');
      else if (clock.now() - failingSince >= HOPELESS_MS) rebuild('nothing went through for a while');
    },
    async close() {
      closing.abort();
      const old = client;
      client = null;
      if (old === null) return;
      const over = new AbortController();
      const patience = options.limits.sleep(CLOSING_MS, over.signal).catch(() => {});
      await Promise.race([closeQuietly(old), patience]);
      over.abort();
    },
  };

  async function closeQuietly(old: ServiceBusClient): Promise<void> {
    await old.close().catch((error: unknown) => {
      log.debug('a client of Service Bus did not close cleanly', { error: toldOf(error) });
    });
  }
}

function newClient(access: BusAccess, { timeoutMs, retries }: BusConnectionOptions): ServiceBusClient {
  const options: ServiceBusClientOptions = {
    // The client's own default is a fixed wait of 30 s: a sender would be long past its caller's patience.
    retryOptions: {
      maxRetries: retries,
      retryDelayInMs: 100,
      maxRetryDelayInMs: 1_000,
      mode: RetryMode.Exponential,
      timeoutInMs: timeoutMs,
    },
  };
  if ('connectionString' in access) return new ServiceBusClient(access.connectionString, options);
  const { namespace, credential, endpoint } = access;
  return new ServiceBusClient(namespace, credential, {
    ...options,
    ...(endpoint === undefined ? {} : { customEndpointAddress: endpoint }),
  });
}

/** A credential that tries for a while before it gives up, since its caller does so for good. */
function patient(
  access: BusAccess,
  { clock, signal, onGivenUp }: { clock: Clock; signal: AbortSignal; onGivenUp: () => void },
): BusAccess {
  if ('connectionString' in access) return access;
  const { credential } = access;
  const getToken: BusCredential['getToken'] = async (scopes) => {
    const until = clock.now() + TOKEN_PATIENCE_MS;
    for (let wait = TOKEN_RETRY_MS.first; ; wait = Math.min(2 * wait, TOKEN_RETRY_MS.longest)) {
      try {
        return await credential.getToken(scopes);
      } catch (error) {
        if (clock.now() + wait > until) {
          onGivenUp();
          throw error;
        }
        await clock.sleep(wait, signal);
      }
    }
  };
  return { ...access, credential: { getToken } };
}
