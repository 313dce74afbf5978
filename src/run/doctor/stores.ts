import { existsSync } from 'node:fs';
import path from 'node:path';
import { lookAtLedgerFile, lookAtPostgres, type LedgerLook } from '../../ledger/look.ts';
import type { Config } from '../../kit/config/config.ts';
import type { ServiceBusConfig } from '../../kit/config/stores-config.ts';
import { errorCode } from '../../kit/errno.ts';
import { Fault } from '../../model/fault.ts';
import { isOfThisLayout, readDepths } from '../../queue/figures.ts';
import { changeMessages } from '../../queue/messages.ts';
import { openServiceBusOutlet } from '../../queue/service-bus-queue.ts';
import { busAccess } from '../bus-access.ts';
import { LEDGER_FILE, QUEUE_FILE } from '../files.ts';
import type { Surroundings } from '../service.ts';
import { openBusQueues, wayTo } from '../shared-stores.ts';
import {
  causeOf,
  failed,
  NotLookedAt,
  skipped,
  well,
  type Check,
  type Examined,
  type Look,
} from './check.ts';

const RESTORE =
  'stop the service and restore the folder from a backup, or remove ledger.sqlite* and queue.sqlite* together: they are rebuilt';

export const ledger: Check<Examined> = {
  name: 'ledger',
  needs: ['ledger'],
  look: async ({ config, surroundings }) => {
    let seen: LedgerLook;
    try {
      seen = await lookAtLedger(config, surroundings);
    } catch (error) {
      if (!(error instanceof Fault) || config.ledger.kind !== 'sqlite') throw error;
      return [failed({ found: causeOf(error), remedy: RESTORE })];
    }
    const { schema, store } = seen;
    switch (schema) {
      case 'newer':
        return [
          failed({
            found: 'it was written by a newer version of contact-sync',
            remedy: 'run that version, or restore the backup from before the upgrade',
          }),
        ];
      case 'missing':
        return [well(`${store}, empty: the first start makes the tables`)];
      case 'older':
        return [well(`${store}, of an older version: the next start brings it up to date`)];
      case 'large':
        return [skipped(`${store}; it is large, and looked into only while the service runs`)];
      case 'current':
        return [well(`${store}, of this version`)];
    }
  },
};

/** Throws `NotLookedAt` where there is none yet; a fault where it cannot be read. */
export async function lookAtLedger(
  { ledger: given, data, tenants }: Config,
  { log, ...asking }: Surroundings,
): Promise<LedgerLook> {
  const keys = tenants.map(({ id }) => id);
  if (given.kind === 'postgres') {
    const { statementTimeoutMs } = given;
    return lookAtPostgres({ ...wayTo(given, asking), statementTimeoutMs, log }, keys);
  }
  const file = path.join(data, LEDGER_FILE);
  if (!existsSync(file)) throw new NotLookedAt('there is none yet: the first start makes it');
  try {
    return await lookAtLedgerFile(file, keys);
  } catch (error) {
    throw new Fault('invalid', `${file} cannot be read`, { code: errorCode(error), cause: error });
  }
}

export const queue: Check<Examined> = {
  name: 'queue',
  needs: ['queue'],
  look: async ({ config, role, surroundings }) => {
    const { queue: given } = config;
    if (given.kind === 'serviceBus') return [await bus(given, role, surroundings)];
    return [file(path.join(config.data, QUEUE_FILE), surroundings.clock.now())];
  },
};

function file(name: string, now: number): Look {
  if (!existsSync(name)) return skipped('there is none yet: the first start makes it');
  try {
    // Opened by somebody, it has its log already, and one reader more leaves nothing behind.
    if (existsSync(`${name}-wal`)) {
      const depths = readDepths(name, now);
      return depths === null ? OTHER_VERSION : well(`SQLite; ${waiting(Object.values(depths))}`);
    }
    const ours = isOfThisLayout(name);
    if (ours === null) return failed({ found: `${name} is no database`, remedy: RESTORE });
    return ours ? well('SQLite, of this version') : OTHER_VERSION;
  } catch (error) {
    return failed({ found: `${name} cannot be read (${errorCode(error)})`, remedy: RESTORE });
  }
}

const OTHER_VERSION = failed({
  found: 'it was written by another version of contact-sync',
  remedy: 'run that version, or restore the backup from before the upgrade',
});

/** Nothing is taken, and nothing is sent. */
async function bus(
  config: ServiceBusConfig,
  role: Examined['role'],
  surroundings: Surroundings,
): Promise<Look> {
  try {
    if (role === 'receiver') {
      await reachToSend(config, surroundings);
      return well(`Service Bus takes messages for ${config.changes}`);
    }
    const queues = openBusQueues(config, surroundings, { leaseMs: 60_000 });
    try {
      await Promise.all([queues.changes.reachable(), queues.writes.reachable()]);
      const depths = await Promise.all([queues.changes.depth(), queues.writes.depth()]);
      return well(`Service Bus; ${waiting(depths)}`);
    } finally {
      await queues.close();
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return failed({
      found: causeOf(error),
      remedy:
        'check the namespace or connection string, and the roles (Data Sender for receivers, Sender and Receiver for the others); "contact-sync queue check" says what is wrong with the queues',
    });
  }
}

/** A receiver has the right to send to one queue, and no other. */
async function reachToSend(config: ServiceBusConfig, surroundings: Surroundings): Promise<void> {
  const { changes, buckets } = config;
  const access = busAccess(config, surroundings);
  const named = { queue: changes, messages: changeMessages, buckets };
  const outlet = openServiceBusOutlet({ ...surroundings, access, ...named });
  try {
    await outlet.reachable();
  } finally {
    await outlet.close();
  }
}

function waiting(depths: readonly { readonly due: number; readonly dead: number }[]): string {
  const sum = (figure: 'due' | 'dead'): number => depths.reduce((total, one) => total + one[figure], 0);
  return `${sum('due')} messages due, ${sum('dead')} dead`;
}
