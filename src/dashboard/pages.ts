import type { GivenUpList, House } from './house.ts';
import type { Access } from './links.ts';
import type { Paced } from '../kit/paced.ts';
import { activityPage } from './pages/activity.ts';
import { givenUpPage } from './pages/given-up.ts';
import { jobsPage } from './pages/jobs.ts';
import { explainedPage, mailboxesPage } from './pages/mailboxes.ts';
import { overviewPage } from './pages/overview.ts';
import { planPage } from './pages/plan.ts';
import type { Page, Visit } from './visit.ts';
import type { Watch } from './watch.ts';

export interface Sources {
  readonly house: House;
  readonly watch: Watch;
  readonly givenUp: Paced<GivenUpList>;
}

export type PageMaker = (sources: Sources, visit: Visit) => Promise<Page>;

/** By path. */
export const PAGES: Readonly<Record<string, PageMaker>> = {
  '/': async ({ watch }, { now }) => overviewPage(await watch.look(), now),
  '/jobs': async ({ watch }, visit) => jobsPage(await watch.look(), visit),
  '/mailboxes': async ({ watch }, visit) => mailboxesPage(await watch.look(), visit),
  '/given-up': givenUpPage,
  '/activity': async ({ watch }, { now }) => activityPage(await watch.look(), watch.measured(), now),
};

/**
 * Questions, by the path that their forms post to: their words are nobody's business, so they stand in no address. `home`: the
 * page to which they belong. `access`: whom they are for, where not for everybody.
 */
export const LOOKS: Readonly<
  Record<string, { readonly home: string; readonly page: PageMaker; readonly access?: Access }>
> = {
  '/mailboxes': { home: '/mailboxes', page: explainedPage },
  '/plan': { home: '/jobs', page: planPage, access: 'admin' },
};
