import type { ComplianceConfig } from '../../kit/config/compliance.ts';
import type { Config } from '../../kit/config/config.ts';
import { activeJobs } from '../parts.ts';
import { activityOf } from './activity.ts';
import { keptBy, safeguardsOf } from './keeping.ts';
import type { Ropa } from './report.ts';

const NOBODY: Ropa['controller'] = {
  name: null,
  address: null,
  contact: null,
  representative: null,
  protectionOfficer: null,
};

/**
 * The Record of Processing Activities of what is configured. Reads nothing else: neither a service nor its ledger need be there.
 * `at`: milliseconds since 1970.
 */
export function ropaOf(config: Config, at: number): Ropa {
  const { legalBasis, location, logs, transfers } = config.compliance;
  return {
    at: new Date(at).toISOString(),
    controller: config.compliance.controller ?? NOBODY,
    legalBasis,
    location,
    logs,
    transfers,
    toFillIn: missingIn(config.compliance),
    activities: activeJobs(config).map((job) => activityOf(job, config)),
    kept: keptBy(config),
    safeguards: safeguardsOf(config),
  };
}

/** The representative is not among them: most controllers need none. */
function missingIn({
  controller,
  legalBasis,
  location,
  logs,
  transfers,
}: ComplianceConfig): Ropa['toFillIn'] {
  const asked = [
    ['controller.name', 'name of the controller', controller?.name],
    ['controller.address', 'its postal address', controller?.address],
    ['controller.contact', 'how it is reached about data protection', controller?.contact],
    [
      'controller.protectionOfficer',
      'the data protection officer, or "none is required"',
      controller?.protectionOfficer,
    ],
    ['legalBasis', 'why the processing is lawful (Art. 6), for instance a legitimate interest', legalBasis],
    ['location', 'where the service, its ledger and its queues are, and who runs that', location],
    ['logs', 'where logs go, and how long they are kept', logs],
    ['transfers', 'countries outside the EEA that the data reaches, and the safeguard; or "none"', transfers],
  ] as const;
  return asked.flatMap(([key, what, value]) => (value == null ? { key: `compliance.${key}`, what } : []));
}
