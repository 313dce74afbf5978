import type { Clock } from '../../src/kit/clock.ts';
import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { chance, pick } from '../kit/seeded-random.ts';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { markOf } from '../tenant/mailbox/item.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Deeds } from './deeds.ts';
import type { Leavers } from './leavers.ts';

export interface SecondThoughtsOptions {
  readonly tenant: Tenant;
  readonly random: Random;
  readonly clock: Clock;
  readonly deeds: Deeds;
  readonly leavers: Leavers;
}

/** A call that takes so long gives the service the time to hear of it, and to want the mailbox again, before the answer. */
const SLOW_MS = 3_000;
/** Nobody is left without a licence for long: a mailbox that is parked for hours is another story. */
const PATIENCE_MS = 60_000;
const REMOVAL = /\/contactFolders\/[^/"]+\/contacts\/[^/"]+\/permanentDelete/;
/** The same that are left licences in every storm. */
const OWNERS_AT_LEAST = 4;

/** Somebody thinks again in the middle of a removal: what was begun is wanted back while the first contacts go. */
export class SecondThoughts {
  readonly #options: SecondThoughtsOptions;
  #armed: (() => Promise<void>) | null = null;

  constructor(options: SecondThoughtsOptions) {
    this.#options = options;
  }

  /** Once: with the next call that removes contacts, or a while later where there is none. */
  arm(act: () => Promise<void>): void {
    this.#armed = act;
    void this.#options.clock.sleep(PATIENCE_MS).then(() => this.#fire(act));
  }

  watch(transport: Transport): Transport {
    return async (request) => {
      const act = this.#armed;
      if (act === null || !REMOVAL.test(request.body ?? '')) return transport(request);
      await this.#fire(act);
      const { clock } = this.#options;
      const sentAt = clock.now();
      const answer = await transport(request);
      const hear = this.#unheard(sentAt);
      await clock.sleep(SLOW_MS);
      hear();
      return answer;
    };
  }

  /** Nobody can keep a Retry-After that is still on its way: it counts from when it is heard. */
  #unheard(since: number): () => void {
    const told = [...this.#options.tenant.mailboxes.all()].flatMap((mailbox) => {
      const { told: before } = mailbox;
      if (before.at < since) return [];
      mailbox.told = { notBefore: 0, at: 0 };
      return [{ mailbox, notBefore: before.notBefore }];
    });
    return () => {
      const at = this.#options.clock.now();
      for (const { mailbox, notBefore } of told)
        if (notBefore > mailbox.told.notBefore) mailbox.told = { notBefore, at };
    };
  }

  async #fire(act: () => Promise<void>): Promise<void> {
    if (this.#armed !== act) return;
    this.#armed = null;
    await act();
  }

  /** Owners put somebody of their own into our folder: it is emptied contact by contact. */
  furnish(): void {
    const { tenant, random, deeds } = this.#options;
    for (const { userId, folders } of tenant.mailboxes.all()) {
      const ours = [...folders.values()].filter((folder) =>
        [...folder.items.values()].some(({ content }) => markOf(content) !== undefined),
      );
      if (ours.length === 0 || chance(random, 0.3)) continue;
      tenant.mailboxes.addContact(userId, { displayName: 'Private contact' }, pick(random, ours));
      deeds.note('own contact added');
    }
  }

  /** A licence is taken by mistake, and given back when the first contacts are gone. */
  leaveAndReturn(): void {
    const { tenant, random, deeds, leavers } = this.#options;
    const owners = tenant.directory.people().filter((one) => one.assignedLicenses.length > 0);
    if (owners.length <= OWNERS_AT_LEAST) return;
    const { id } = pick(random, owners);
    leavers.empty(id);
    tenant.directory.updateUser(id, { assignedLicenses: [] });
    this.arm(async () => {
      if (!tenant.directory.user(id)) return;
      tenant.directory.updateUser(id, { assignedLicenses: [mailboxLicense] });
      deeds.note('licence given back at once');
    });
  }
}
