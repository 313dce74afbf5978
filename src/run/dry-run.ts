import { createHalts } from '../engine/halts.ts';
import type { Ledger } from '../engine/ledger-port.ts';
import { routesOf } from '../jobs/routes.ts';
import type { Config } from '../kit/config/config.ts';
import { keyOf } from '../kit/data-folder.ts';
import { uuid } from '../kit/random.ts';
import { openCopyOf, openLedgerCopy } from '../ledger/copy.ts';
import { connect, disconnect } from './connections.ts';
import { LEDGER_FILE } from './files.ts';
import { activeJobs } from './parts.ts';
import { makePlan } from './plan.ts';
import type { PlanReport } from './plan-report.ts';
import { foundIn } from './found-folder.ts';
import { printsUnder } from './prints.ts';
import type { Surroundings } from './service.ts';
import { viewWholeOf } from './shared-stores.ts';
import { isShared, type SharedConfig } from './shared-config.ts';
import { refuseMovedJobs } from './tenant-changes.ts';

/** A dry run over a copy of the ledger, beside a running service or before the first start. */
export async function dryRun(config: Config, surroundings: Surroundings): Promise<PlanReport> {
  const found = foundIn(config);
  const { clock, random } = surroundings;
  const first = config.firstKey && keyOf(config.firstKey.text());
  const key = found.fingerprintKey ?? first ?? random.bytes(32);
  const ledger = isShared(config)
    ? await copyOfShared(config, surroundings)
    : await openLedgerCopy(found.file(LEDGER_FILE));
  try {
    await refuseMovedJobs(config, ledger);
    await ledger.keptOut.agree(config.compliance.keepOut, clock.now());
    const deployment = found.deployment ?? uuid(random);
    const prints = printsUnder(key);
    const connections = connect({
      config,
      surroundings,
      deployment,
      ledger,
      halts: createHalts(ledger.halts),
      prints,
    });
    try {
      return await makePlan({
        clock,
        ledger,
        connections,
        routes: activeJobs(config).flatMap(routesOf),
        configured: config.jobs.flatMap(routesOf),
        ...prints,
        gatewayTimeoutMs: config.timing.gatewayTimeoutMs,
      });
    } finally {
      await disconnect(connections);
    }
  } finally {
    await ledger.close();
  }
}

async function copyOfShared({ ledger }: SharedConfig, surroundings: Surroundings): Promise<Ledger> {
  const whole = await viewWholeOf(ledger, surroundings);
  try {
    return await openCopyOf(whole);
  } finally {
    await whole?.close();
  }
}
