import { createHalts } from '../engine/halts.ts';
import { routesOf } from '../jobs/routes.ts';
import type { Config } from '../kit/config/config.ts';
import { DataFolderFault } from '../kit/data-folder-fault.ts';
import { keyOf, peekDataFolder } from '../kit/data-folder.ts';
import { uuid } from '../kit/random.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { openCopyOf, openLedgerCopy } from '../ledger/copy.ts';
import { fingerprint } from '../model/card.ts';
import { openAlone } from './alone.ts';
import { LEDGER_FILE } from './files.ts';
import { connect, disconnect } from './connections.ts';
import { activeJobs } from './parts.ts';
import { move as moveStores, type MoveReport, type Shape } from './move.ts';
import { makePlan } from './plan.ts';
import type { PlanReport } from './plan-report.ts';
import type { RoleName } from './role-name.ts';
import type { Service, Surroundings } from './service.ts';
import { openShared, type SharedConfig } from './shared.ts';
import { viewWholeOf } from './stores.ts';
import { refuseMovedJobs } from './tenant-changes.ts';

export { approve, auditBeside, pause, resume, retry, revertBeside } from './orders.ts';
export { examine } from './doctor/examine.ts';
export { checkQueues, createQueues } from './queue-setup.ts';
export { readStatus } from './status.ts';

/**
 * Opens the service, or the part of it that this process is. Throws `HeldByAnother` when it is to be alone, and another process
 * has the data folder.
 */
export function openService(
  config: Config,
  surroundings: Surroundings,
  role: Exclude<RoleName, 'receiver'> = 'all',
): Promise<Service> {
  return isShared(config) ? openShared(config, surroundings, role) : openAlone(config, surroundings);
}

async function copyOfShared({ ledger }: SharedConfig, surroundings: Surroundings): Promise<Ledger> {
  const whole = await viewWholeOf(ledger, surroundings);
  try {
    return await openCopyOf(whole);
  } finally {
    await whole?.close();
  }
}

/** Moves everything from the files of the data folder to what several processes share, or back. */
export function move(
  config: Config,
  surroundings: Surroundings,
  { from }: { readonly from: Shape },
): Promise<MoveReport> {
  if (!isShared(config))
    throw new DataFolderFault(
      `${config.file} names no queue and ledger that several processes share: a move takes both, with deployment, fingerprintKey and the data folder`,
    );
  const onProgress = ({ done, total }: { done: number; total: number }): void =>
    surroundings.onProgress?.({ phase: 'move', done, total });
  return moveStores(config, surroundings, { from, onProgress });
}

/** Queue and ledger are shared, or neither is: the configuration knows no half of it. */
function isShared(config: Config): config is SharedConfig {
  return config.queue.kind === 'serviceBus' && config.ledger.kind === 'postgres';
}

/** A dry run over a copy of the ledger, beside a running service or before the first start. */
export async function plan(config: Config, surroundings: Surroundings): Promise<PlanReport> {
  const found = peekDataFolder({
    path: config.data,
    deployment: config.deployment,
    fingerprintKey: config.fingerprintKey === null ? null : keyOf(config.fingerprintKey.text()),
  });
  const { clock, random } = surroundings;
  const key = found.fingerprintKey ?? random.bytes(32);
  const ledger = isShared(config)
    ? await copyOfShared(config, surroundings)
    : await openLedgerCopy(found.file(LEDGER_FILE));
  try {
    await refuseMovedJobs(config, ledger);
    const deployment = found.deployment ?? uuid(random);
    const connections = connect({
      config,
      surroundings,
      deployment,
      ledger,
      halts: createHalts(ledger.halts),
    });
    try {
      return await makePlan({
        clock,
        ledger,
        connections,
        routes: activeJobs(config).flatMap(routesOf),
        configured: config.jobs.flatMap(routesOf),
        fingerprint: (card) => fingerprint(key, card),
        gatewayTimeoutMs: config.timing.gatewayTimeoutMs,
      });
    } finally {
      await disconnect(connections);
    }
  } finally {
    await ledger.close();
  }
}
