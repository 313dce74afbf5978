import { createSubscriptionsApi, type Subscription } from '../../graph/subscriptions.ts';
import { notificationUrl } from '../connect.ts';
import { SUBSCRIBED } from '../subscribed.ts';
import { DIRECTORY_SUBSCRIPTION_LONGEST_MS } from '../../graph/throttle.ts';
import {
  failed,
  NotLookedAt,
  skipped,
  warning,
  well,
  type Check,
  type ExaminedTenant,
  type Look,
} from './check.ts';
import { lookAtLedger } from './stores.ts';

/** The service renews daily: whatever is this far from a full life was forgotten. */
const RENEWED_WITHIN_MS = 3 * 86_400_000;

/** Graph still knows the subscriptions: of users and groups it says nothing when one is lost. */
export const subscriptions: Check<ExaminedTenant> = {
  name: 'subscriptions',
  needs: ['tenants', 'clientState'],
  look: async ({ tenant, config, visit, surroundings }) => {
    const { notifications, jobs } = config;
    if (notifications === null) return [skipped('there are no notifications: changes are asked for')];
    if (!jobs.some((job) => job.tenant === tenant.id)) return [skipped('no job needs any')];
    await visit.demandToken();
    const { clock } = surroundings;
    const url = notificationUrl(notifications.publicUrl);
    const known = await knownIds(config, surroundings);
    const live = await createSubscriptionsApi({ client: visit.client, clock }).list();
    const ours = live.filter((one) => one.notificationUrl === url);
    if (ours.length === 0 && known?.size === 0 && live.length === 0)
      return [skipped('there are none yet: the service makes them when it runs')];
    return SUBSCRIBED.map(({ resource }) => lookAt({ resource, live, ours, now: clock.now() }));
  },
};

/** Null where nothing can be known of the ledger. */
async function knownIds(
  config: ExaminedTenant['config'],
  surroundings: ExaminedTenant['surroundings'],
): Promise<ReadonlySet<string> | null> {
  try {
    return (await lookAtLedger(config, surroundings)).subscriptions;
  } catch (error) {
    return error instanceof NotLookedAt ? new Set() : null;
  }
}

interface Found {
  readonly resource: string;
  readonly live: readonly Subscription[];
  readonly ours: readonly Subscription[];
  readonly now: number;
}

function lookAt({ resource, live, ours, now }: Found): Look {
  const about = resource;
  const found = ours.filter((one) => plain(one) === resource).toSorted((a, b) => b.expires - a.expires)[0];
  if (found === undefined)
    return live.some((one) => plain(one) === resource)
      ? failed({
          found:
            'it leads to another URL: another installation uses this app registration, or publicUrl was changed',
          remedy:
            'give each installation an app registration of its own; after a change of publicUrl, restart the service',
          about,
        })
      : failed({
          found: 'Graph has no subscription for it: until there is one, only the sweep finds what changes',
          remedy:
            'see that the service runs, and what its log says of subscriptions: it makes them every few minutes',
          about,
        });
  const until = new Date(found.expires).toISOString();
  if (found.expires - now < DIRECTORY_SUBSCRIPTION_LONGEST_MS - RENEWED_WITHIN_MS)
    return warning({
      found: `it lives until ${until}, and was not renewed for days`,
      remedy: 'see that the service runs: it renews them daily',
      about,
    });
  return well(`alive until ${until}`, about);
}

/** Both spellings occur. */
function plain({ resource }: Subscription): string {
  return resource.replace(/^\//, '').toLowerCase();
}
