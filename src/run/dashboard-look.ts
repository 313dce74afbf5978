import type { House } from '../dashboard/house.ts';
import type { Clock } from '../kit/clock.ts';
import type { Config } from '../kit/config/config.ts';
import { concernsOf } from './concerns.ts';
import { createCounts } from './dashboard-counts.ts';
import { meaningOf } from './parked-reason.ts';
import { contactsOf, withStanding } from './status.ts';

/** How things stand, as the pages show it. Never rejects: what cannot be read is a concern. */
export function createLook(
  config: Config,
  { clock, said }: { clock: Clock; said: House['said'] },
): House['look'] {
  const counts = createCounts({ clock, said });
  return async () => {
    try {
      return await withStanding(config, async (standing, ledger) => {
        const { countedAt, contacts, concerns } = await counts.take(
          standing.jobs.map(({ job }) => job),
          (job) => contactsOf(config, ledger, job),
        );
        const jobs = standing.jobs.map((job) => ({ ...job, ...(contacts.get(job.job) ?? UNCOUNTED) }));
        const parked = standing.parked.map((one) => ({ ...one, reason: meaningOf(one.reason) }));
        return {
          status: { ...standing, jobs, parked, countedAt },
          concerns: [...concernsOf(standing), ...concerns],
        };
      });
    } catch (error) {
      const what = `How things stand cannot be read: ${said(error)}`;
      const remedy = 'it is tried again; contact-sync doctor looks at queue and ledger';
      return { status: null, concerns: [{ gravity: 'failed', about: 'service', what, remedy }] };
    }
  };
}

const UNCOUNTED = { contacts: null, behind: null };
