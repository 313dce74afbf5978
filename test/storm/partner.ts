import type { Clock } from '../../src/kit/clock.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { readConfig, type CrossTenantJobConfig } from '../../src/kit/config/config.ts';
import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import { compareContacts, type ContactComparison } from '../tenant/exchange/expectation.ts';
import { createTenant, type Tenant } from '../tenant/tenant.ts';
import type { Deeds } from './deeds.ts';
import type { Leavers } from './leavers.ts';
import type { PartnerPlan } from './plan.ts';
import { RemovalWatch } from './removal-watch.ts';
import { Shown } from './shown.ts';

export const PARTNER_JOB = 'partners';
const HOST = 'graph.fabrikam.example';
const EXCHANGE = 'outlook.office365.com';
/** An address that two contacts hand on takes as many. */
const TRIES = 3;
/** Low, so that leavers meet it. */
const GUARD = { count: 5, percent: 10 };
/** The directory of the other tenant is read from one server. */
const STALE_MS = 20_000;

interface PartnerOptions {
  readonly plan: PartnerPlan;
  readonly seed: number;
  readonly clock: Clock;
  /** The tenant of the people, and the group that is shown. */
  readonly source: Tenant;
  readonly group: string;
  readonly deeds: Deeds;
  /** Who may have left so far. */
  readonly leavers: Pick<Leavers, 'count' | 'mayLeave' | 'leave'>;
  /** What is changed there by hand is found again: there are audits. */
  readonly isAudited: boolean;
}

/** Another tenant, in whose Exchange the people are shown, and what its own people do there meanwhile. */
export class Partner {
  readonly tenant: Tenant;
  readonly job: CrossTenantJobConfig;
  readonly removals: RemovalWatch;
  readonly #options: PartnerOptions;
  readonly #random: Random;
  readonly #shown: Shown;
  #number = 0;

  constructor(options: PartnerOptions) {
    const { plan, seed, clock, source, group } = options;
    this.#options = options;
    this.#random = seededRandom(seed * 31 + 13);
    this.tenant = createTenant({
      clock,
      random: seededRandom(seed * 31 + 14),
      tenantId: '33333333-3333-4333-8333-333333333333',
      graphHost: `https://${HOST}`,
      loginHost: 'https://login.fabrikam.example',
      latencyMs: 20,
      auth: 'open',
      switches: { staleMs: STALE_MS },
      exchange: plan.exchange,
    });
    this.job = jobOf(source.tenantId, group, plan);
    this.removals = new RemovalWatch({
      contacts: () => this.tenant.exchange.recipients.contacts(),
      now: () => clock.now(),
      limit: () => Math.max(GUARD.count, Math.ceil((GUARD.percent / 100) * this.#scope())),
    });
    for (let number = 0; number < 3; number += 1) this.#supplier();
    this.#shown = new Shown({ ...options, random: this.#random });
  }

  /** Whether a request is for this tenant. */
  owns(url: string): boolean {
    const { host } = new URL(url);
    return host === HOST || host === EXCHANGE;
  }

  transport: Transport = (request) => this.removals.watch(this.tenant.transport)(request);

  storm(): void {
    this.tenant.exchange.setFaults(this.#options.plan.faults);
  }

  calm(): void {
    this.tenant.exchange.setFaults({});
  }

  /** Now and then somebody of the other tenant does something. */
  act(): void {
    this.#shown.act();
    if (!chance(this.#random, this.#options.plan.bustle)) return;
    const roll = integer(this.#random, this.#options.isAudited ? 5 : 2);
    if (roll === 0) this.#invite();
    else if (roll === 1) this.#supplier();
    else this.#meddle(roll);
  }

  compare(): ContactComparison {
    const { source, group, plan } = this.#options;
    const mailGroups = plan.mailGroups !== null;
    const job = { route: PARTNER_JOB, sourceGroups: [group], managers: true, mailGroups };
    return compareContacts(source, this.tenant, job);
  }

  /** The people of the source whose address somebody else has: what stands in the book about them is as it should be. */
  isHeld(person: string): boolean {
    const { directory } = this.#options.source;
    const list = directory.mailGroups().find(({ id }) => id === person);
    const address = (directory.user(person) ?? list)?.mail ?? '';
    const { recipients } = this.tenant.exchange;
    const isForeign = recipients
      .contacts()
      .some((one) => one.foreign && one.address.toLowerCase() === address.toLowerCase());
    return isForeign || recipients.userOf(address, 0) !== undefined;
  }

  /** What waits for another day to be tried again is tried now, as an administrator would have it after the storm. */
  async tryOnceMore(ledger: () => Ledger | null, advance: () => Promise<void>): Promise<void> {
    for (let time = 0; time < TRIES; time += 1) {
      await ledger()?.setbacks.retry();
      await ledger()?.mailboxes.retry(null);
      await advance();
    }
  }

  close(): void {
    this.tenant.close();
  }

  #scope(): number {
    const { source, group, leavers } = this.#options;
    return [...source.directory.transitiveMembers(group)].length + leavers.count;
  }

  #somebody(): string | null {
    const { source, group } = this.#options;
    const people = [...source.directory.transitiveMembers(group)].flatMap(
      (id) => source.directory.user(id)?.mail ?? [],
    );
    return people.length === 0 ? null : pick(this.#random, people);
  }

  /** A guest who is one of the people: their contact makes room, and comes back no more. */
  #invite(): void {
    const address = this.#somebody();
    if (address === null) return;
    this.#number += 1;
    const { recipients } = this.tenant.exchange;
    const taken = recipients.contacts().find((one) => one.address.toLowerCase() === address.toLowerCase());
    if (taken?.foreign === true) return;
    if (taken) recipients.remove(taken.guid);
    this.tenant.directory.addUser({
      displayName: `Guest ${this.#number}`,
      userType: 'Guest',
      userPrincipalName: `guest${this.#number}#EXT#@fabrikam.example`,
      mail: null,
      otherMails: [address],
    });
    this.#options.deeds.note('guest invited');
  }

  #supplier(): void {
    this.#number += 1;
    const name = `Supplier ${this.#number}`;
    this.tenant.exchange.recipients.furnish({ name, address: `supplier${this.#number}@adatum.example` });
    this.#options.deeds.note('supplier added');
  }

  #meddle(roll: number): void {
    const { recipients } = this.tenant.exchange;
    const ours = recipients.contacts().filter(({ foreign }) => !foreign);
    if (ours.length === 0) return;
    const { guid } = pick(this.#random, ours);
    const { deeds } = this.#options;
    if (roll === 2) recipients.change(guid, { displayName: 'Edited by hand', personal: {} });
    else if (roll === 3) recipients.remove(guid);
    else recipients.change(guid, { custom: {} });
    deeds.note(roll === 2 ? 'mail contact edited' : roll === 3 ? 'mail contact removed' : 'mark taken off');
  }
}

/** The job as an administrator writes it. */
function jobOf(source: string, group: string, { graceMs, mailGroups }: PartnerPlan): CrossTenantJobConfig {
  const { jobs } = readConfig(
    `tenants:
  contoso: ${tenantLine(source)}
  fabrikam: ${tenantLine('33333333-3333-4333-8333-333333333333')}
jobs:
  ${PARTNER_JOB}:
    kind: cross-tenant
    tenant: contoso
    source: { groups: [${group}], mailGroups: ${mailGroups !== null} }
    target: { tenant: fabrikam }
    phones: { format: as-is }
    fields: { manager: true }
    grace: ${graceMs / 1_000}s
    guard: { count: ${GUARD.count}, percent: ${GUARD.percent} }
`,
    { file: '/storm.yaml', env: {}, readFile: () => '', secrets: 'unread' },
  );
  const [job] = jobs;
  if (job?.kind !== 'cross-tenant') throw new Error('The storm has a job of this kind.');
  return job;
}

function tenantLine(id: string): string {
  return `{ tenantId: ${id}, clientId: ${id}, credential: { certificate: env:PEM }, exchange: {} }`;
}
