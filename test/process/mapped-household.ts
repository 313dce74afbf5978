import { since, snapshot, type Counts } from '../tenant/counts.ts';
import type { Fields } from '../tenant/mailbox/item.ts';
import { MAILBOXES, type Household } from './household.ts';
import { openHousehold } from './open-household.ts';
import { until } from './until.ts';

/** A household whose job is configured anew by each story, and what its contacts show. */
export interface MappedHousehold {
  readonly home: Household;
  /** Object ids of the mailboxes' owners. */
  readonly owners: readonly string[];
  /** Contacts when every mailbox shows everybody but its owner. */
  readonly contacts: number;
  /** From now on the job has these keys beside the necessary ones; returns when every mailbox is filled. */
  run(more: Record<string, unknown>): Promise<void>;
  untilFilled(): Promise<number>;
  /** What stands in the contact of a person, mailbox by mailbox. */
  shown(person: string): Fields[];
  /** Every mailbox shows these fields of a person so; nothing, null and the empty text are the same. */
  allShow(person: string, wanted: Fields): boolean;
  untilAllShow(person: string, wanted: Fields): Promise<number>;
  counted(act: () => Promise<void>): Promise<Counts>;
}

export async function openMappedHousehold(): Promise<MappedHousehold> {
  const home = await openHousehold();
  const { tenant, population } = home;
  const owners = population.owners.map(({ id }) => id);
  const contacts = MAILBOXES * (population.people.length - 1);
  const untilFilled = (): Promise<number> =>
    until(async () => {
      const { jobs } = await home.status();
      return jobs.some((job) => job.contacts === contacts && job.behind === 0);
    });
  const shown = (person: string): Fields[] =>
    owners.map((owner) => home.contactOf(owner, person).content.fields);
  const allShow = (person: string, wanted: Fields): boolean =>
    shown(person).every((fields) =>
      Object.entries(wanted).every(([name, value]) => plain(fields[name]) === plain(value)),
    );
  return {
    home,
    owners,
    contacts,
    untilFilled,
    shown,
    allShow,
    untilAllShow: (person, wanted) =>
      until(() => allShow(person, wanted), { else: () => JSON.stringify(shown(person)) }),
    run: async (more) => {
      await home.stop();
      await home.configure({ jobs: { staff: { groups: [population.source.id], more } } });
      await home.start();
      await untilFilled();
    },
    counted: async (act) => {
      const before = snapshot(tenant.counts);
      await act();
      return since(tenant.counts, before);
    },
  };
}

function plain(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, inner: unknown) => (inner === '' ? null : inner));
}
