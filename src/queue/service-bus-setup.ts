import { ServiceBusAdministrationClient, type QueueProperties } from '@azure/service-bus';
import { Fault } from '../model/fault.ts';
import type { BusAccess } from './bus/connection.ts';
import { codeOf } from './bus/faults.ts';

/** Reads and makes the queues of a namespace; needs the right to manage them, which no running role has. */
export interface QueueSetup {
  /** Makes the queues that are missing; those that are there are left as they are. Returns the names of those made. */
  create(names: readonly string[]): Promise<string[]>;
  /** What is wrong with them, each with its remedy; empty: nothing. */
  check(names: readonly string[]): Promise<QueueFinding[]>;
}

export interface QueueFinding {
  readonly queue: string;
  readonly wrong: string;
  readonly remedy: string;
}

/**
 * What the driver needs. The service's own limit on deliveries is out of the way: it would bury whatever lay in workers that
 * were restarted ten times, and the driver tells poison from that. Two weeks are longer than any outage that nobody notices.
 */
const WANTED = {
  requiresSession: true,
  lockDuration: 'PT1M',
  requiresDuplicateDetection: false,
  maxDeliveryCount: 2_000,
  defaultMessageTimeToLive: 'P14D',
  deadLetteringOnMessageExpiration: true,
} as const;

/** Below it, restarts may bury what nobody has ever looked at. */
const DELIVERIES_AT_LEAST = 500;

/** A rule of the driver: what a queue says that breaks it, and what can be done about that; null when it is kept. */
type Rule = (queue: Readonly<QueueProperties>) => Omit<QueueFinding, 'queue'> | null;

const ANEW = 'cannot be changed: delete the queue when it is empty, and run "contact-sync queue create"';

const rules: readonly Rule[] = [
  ({ requiresSession }) =>
    requiresSession ? null : { wrong: 'it has no sessions', remedy: `requiresSession ${ANEW}` },
  ({ requiresDuplicateDetection }) =>
    requiresDuplicateDetection
      ? { wrong: 'it drops what it takes for duplicates', remedy: `requiresDuplicateDetection ${ANEW}` }
      : null,
  ({ enablePartitioning }) =>
    enablePartitioning
      ? {
          wrong: 'it is partitioned, so nobody can look at it in order',
          remedy: `enablePartitioning ${ANEW}`,
        }
      : null,
  ({ maxDeliveryCount }) =>
    maxDeliveryCount >= DELIVERIES_AT_LEAST
      ? null
      : {
          wrong: `it buries a message after ${maxDeliveryCount} deliveries, and a restarted worker is one`,
          remedy: `set maxDeliveryCount to ${WANTED.maxDeliveryCount}`,
        },
  ({ lockDuration }) => {
    const seconds = secondsOf(lockDuration);
    return seconds >= 30
      ? null
      : {
          wrong: `a lock lasts ${lockDuration}, which a short stall outlasts`,
          remedy: 'set lockDuration to PT1M',
        };
  },
  ({ defaultMessageTimeToLive }) =>
    secondsOf(defaultMessageTimeToLive) >= secondsOf('P1D')
      ? null
      : {
          wrong: `a message lives for ${defaultMessageTimeToLive} only`,
          remedy: 'set defaultMessageTimeToLive to P14D',
        },
  ({ deadLetteringOnMessageExpiration }) =>
    deadLetteringOnMessageExpiration
      ? null
      : {
          wrong: 'what expires vanishes without a trace',
          remedy: 'set deadLetteringOnMessageExpiration to true',
        },
  ({ status }) =>
    status === 'Active' ? null : { wrong: `its status is ${status}`, remedy: 'set its status to Active' },
  ({ forwardTo }) =>
    forwardTo ? { wrong: 'it forwards its messages elsewhere', remedy: 'remove forwardTo' } : null,
  ({ autoDeleteOnIdle }) =>
    secondsOf(autoDeleteOnIdle) >= secondsOf('P14D')
      ? null
      : { wrong: `it is deleted after ${autoDeleteOnIdle} of rest`, remedy: 'remove autoDeleteOnIdle' },
];

/** Both throw faults: `unauthorized` without the right to manage, `unavailable` when the namespace cannot be reached. */
export function openQueueSetup(access: BusAccess): QueueSetup {
  const client = administration(access);
  const setup: QueueSetup = {
    async create(names) {
      const made: string[] = [];
      for (const name of names) {
        if (await client.queueExists(name)) continue;
        await client.createQueue(name, WANTED);
        made.push(name);
      }
      return made;
    },
    async check(names) {
      const findings: QueueFinding[] = [];
      for (const queue of names) {
        const found = await propertiesOf(client, queue);
        if (found === null) {
          findings.push({ queue, wrong: 'it does not exist', remedy: 'run "contact-sync queue create"' });
          continue;
        }
        findings.push(...rules.flatMap((rule) => ({ queue, ...rule(found) })).filter(isFinding));
      }
      return findings;
    },
  };
  return {
    create: (names) => setup.create(names).catch(refused),
    check: (names) => setup.check(names).catch(refused),
  };
}

function refused(error: unknown): never {
  const status = statusOf(error);
  const details = { code: codeOf(error), cause: error, ...(status === null ? {} : { status }) };
  if (status === 401 || status === 403) {
    const needed = 'only with the role Azure Service Bus Data Owner, or a key with the right to manage';
    throw new Fault('unauthorized', `the queues can be read and made ${needed}`, details);
  }
  if (status !== null && status >= 400 && status < 500)
    throw new Fault('invalid', 'the namespace refuses the queues as they are asked for', details);
  throw new Fault('unavailable', 'the namespace cannot be administered: is its name right?', details);
}

function statusOf(error: unknown): number | null {
  const isAnswer = typeof error === 'object' && error !== null && 'statusCode' in error;
  return isAnswer && typeof error.statusCode === 'number' ? error.statusCode : null;
}

function isFinding(one: { queue: string } | QueueFinding): one is QueueFinding {
  return 'wrong' in one;
}

async function propertiesOf(
  client: ServiceBusAdministrationClient,
  queue: string,
): Promise<QueueProperties | null> {
  try {
    return await client.getQueue(queue);
  } catch (error) {
    if (codeOf(error) === 'MessageEntityNotFoundError') return null;
    throw error;
  }
}

function administration(access: BusAccess): ServiceBusAdministrationClient {
  if ('connectionString' in access) return new ServiceBusAdministrationClient(access.connectionString);
  const { namespace, credential, endpoint } = access;
  const host = endpoint === undefined ? namespace : endpoint.replace(/^sb:\/\//, '');
  return new ServiceBusAdministrationClient(host, credential);
}

/** Seconds of an ISO 8601 duration as the service writes them; months and years, in its "never", count as long. */
function secondsOf(duration: string): number {
  const parts = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(
    duration,
  );
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (parts ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (((years * 12 + months) * 30 + days) * 24 + hours) * 3_600 + minutes * 60 + seconds;
}
