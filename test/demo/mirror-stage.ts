import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { freePort } from '../process/free-port.ts';
import { populateMirror, type MirrorPopulation } from '../tenant/acquaintances.ts';
import { contactWrites, total } from '../tenant/counts.ts';
import { Acquaintanceship } from '../tenant/mirror-expectation.ts';
import { createTenant, MAIN_ROLES } from '../tenant/tenant.ts';
import type { DemoOptions } from './options.ts';
import type { Effort, Stage } from './stage.ts';
import type { Scene } from './story.ts';
import { timings } from './telling.ts';
import { openTheatre, type OnProgress } from './theatre.ts';

const JOB = { id: 'shared-contacts', folder: 'All Contacts' };

/**
 * How late a write of a service that was here before may still arrive: nobody knows whether there was one, since everybody's
 * Contacts were there before. The first fill waits for it, and nobody wants to watch that for long.
 */
const GATEWAY_TIMEOUT_S = 5;

/**
 * Notifications of a mailbox begin with the first check of subscriptions after it is known; what changes before is looked for
 * then. Nobody wants to watch for the usual five minutes.
 */
const CHECK_S = 1;

/** Graph takes so many requests in a batch. */
const A_BATCH = 20;

/** Members of a tenant who share what stands in their own Contacts, by way of a shared mailbox. */
export async function mirrorStage(options: DemoOptions, onProgress: OnProgress): Promise<Stage> {
  const theatre = await openTheatre();
  const clock = new Yesterday();
  const random = seededRandom(options.seed);
  const tenant = createTenant({
    clock,
    random,
    deliver: fetchTransport,
    latencyMs: options.latencyMs,
    app: { roles: [...MAIN_ROLES, 'Contacts.Read'] },
    // Whoever takes part has agreed to the mark in their own contacts.
    switches: { graceMs: 50, adoptable: true },
  });
  const population = populateMirror(tenant, random, { members: options.mailboxes });
  clock.isOver = true;
  const origin = await theatre.serve(tenant);
  const port = await freePort();
  const opened = await theatre.open(
    `tenants:
  contoso:
    tenantId: ${tenant.tenantId}
    clientId: ${tenant.clientId}
    cloud: { login: "${origin}", graph: "${origin}" }
    credential: { certificate: ./app.pem }
notifications:
  publicUrl: http://127.0.0.1:${port}
  listen: 127.0.0.1:${port}
  clientStateKey: env:CONTACT_SYNC_CLIENT_STATE_KEY
jobs:
  ${JOB.id}:
    kind: mirror
    tenant: contoso
    members: { mailboxes: licensed }
    hub: { mailbox: ${population.hub.id}, folder: ${JOB.folder} }
policy: ${options.policy}
timing: { gatewayTimeout: ${GATEWAY_TIMEOUT_S}s, subscriptionCheck: ${CHECK_S}s }
`,
    options,
    onProgress,
  );
  const book = new Acquaintanceship(tenant, population, JOB);
  return {
    ...opened,
    tenant,
    scenes: mirrorScenes(book, population),
    tenants: [tenant],
    told: [
      ...timings({ config: opened.config, tenant }, options),
      'Everybody there shares their contacts with everybody else, and with a shared mailbox.',
      `A write may be ${GATEWAY_TIMEOUT_S} s late here: the first fill waits for those of a service that may have been there before;`,
      `subscriptions are checked every ${CHECK_S} s, and these checks not counted.`,
    ],
    compare: () => book.compare(),
    search: async (signal) => {
      const before = wrongIn(book);
      // An edit is no drift, so the audit's own report counts none.
      const { seconds } = await opened.service.audit(signal, { full: false });
      return { found: before - wrongIn(book), seconds };
    },
    writes: () => contactWrites(tenant.counts),
    // Subscriptions are listed every second here, in place of every five minutes: that tells nothing.
    httpRequests: () => tenant.httpRequests - total(tenant.counts, 'GET subscriptions'),
    floor: floorOf,
    hasEchoes: true,
    violations: () => tenant.oracles.violations,
    close: () => theatre.close(),
  };
}

/**
 * The contact is read where somebody touched it. Every other copy that is changed is looked at before it is written to; what is
 * made or removed there is only written, and the mark of the original with it.
 */
function floorOf({ writes, peopleRead, what }: Effort): number {
  const batches = Math.ceil(writes / A_BATCH);
  return Math.ceil(peopleRead / A_BATCH) + (what === 'change' ? 2 * batches : batches);
}

/** Contacts that are not right everywhere. */
function wrongIn(book: Acquaintanceship): number {
  return new Set(book.compare().divergences.map(({ source }) => source)).size;
}

/** While it lasts every look at it is a second later, so that of several contacts one is the newest. */
class Yesterday implements Clock {
  isOver = false;
  #now = systemClock.now() - 86_400_000;

  now(): number {
    return this.isOver ? systemClock.now() : (this.#now += 1_000);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}

function mirrorScenes(book: Acquaintanceship, { members, hub }: MirrorPopulation): Scene[] {
  const memberAt = (index: number): string => members[index]?.id ?? '';
  /** The contacts of two members that nobody else wrote down. */
  const ownOf = (member: number, nth: number) => {
    const found = book.own(memberAt(member))[nth];
    if (!found) throw new Error('The demo needs more contacts.');
    return found;
  };
  const edit =
    (owner: string, of: readonly [number, number], fields: Readonly<Record<string, unknown>>) => () => {
      book.edit(owner, ownOf(...of).shared, fields);
      return 1;
    };
  return [
    {
      name: 'edit of an own contact',
      what: 'change',
      act: edit(memberAt(0), [0, 0], { jobTitle: 'Head of the workshop' }),
    },
    {
      name: "edit of somebody else's contact",
      what: 'change',
      act: edit(memberAt(1), [0, 0], { mobilePhone: '+49 151 7654321-77', companyName: null }),
    },
    {
      name: 'edit in the hub',
      what: 'change',
      act: edit(hub.id, [1, 0], { department: 'Known to the hub first' }),
    },
    {
      name: 'new contact',
      what: 'create',
      act: () => {
        const address = 'new.acquaintance@fabrikam.example';
        const emailAddresses = [{ name: 'Zoë Neumann-Łęcka', address }];
        book.add(memberAt(2), {
          displayName: 'Zoë Neumann-Łęcka',
          emailAddresses,
          personalNotes: 'Owes me lunch',
        });
        return 1;
      },
    },
    {
      name: 'deleted by a member',
      what: 'remove',
      still: true,
      act: () => {
        book.drop(memberAt(2), ownOf(1, 0).shared);
        return 1;
      },
    },
    {
      name: 'becomes private',
      what: 'remove',
      act: () => {
        book.lock(memberAt(1), ownOf(1, 1).item);
        return 1;
      },
    },
    {
      name: 'lost notification',
      what: 'change',
      act: edit(memberAt(2), [0, 1], { jobTitle: 'Only the audit knows' }),
      lost: true,
    },
  ];
}
