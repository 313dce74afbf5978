import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick } from '../kit/seeded-random.ts';
import { markOf, type Folder } from '../tenant/mailbox/item.ts';
import type { Mailbox } from '../tenant/mailbox/mailbox.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** The owners of the mailboxes, at work in their contacts. */
export class Owners {
  readonly #tenant: Tenant;
  readonly #random: Random;
  /** Items of ours that an owner has changed. */
  readonly #edited = new Set<string>();

  constructor(tenant: Tenant, random: Random) {
    this.#tenant = tenant;
    this.#random = random;
  }

  /** One of them adds a contact of their own beside ours, changes or removes one; or lays hands on ours. */
  interfere(): void {
    const { mailboxes } = this.#tenant;
    const mailbox = pick(this.#random, [...mailboxes.all()]);
    const folder = mailbox.folderNamed('Company Directory');
    if (folder && chance(this.#random, 0.6)) return this.#drift(mailbox, folder);
    const own = folder && [...folder.items.values()].find((item) => markOf(item.content) === undefined);
    const roll = this.#random.float();
    if (own && roll < 0.3) mailboxes.deleteContact(mailbox.userId, own);
    else if (own && roll < 0.6) mailboxes.editContact(mailbox.userId, own, { jobTitle: 'Private' });
    else mailboxes.addContact(mailbox.userId, { displayName: 'Private contact' }, folder);
  }

  /** The audit finds it, and the ordinary ways heal it. */
  #drift(mailbox: Mailbox, folder: Folder): void {
    const { mailboxes } = this.#tenant;
    const { userId } = mailbox;
    const ours = [...folder.items.values()].filter((item) => markOf(item.content) !== undefined);
    if (ours.length === 0) return;
    const item = pick(this.#random, ours);
    const roll = integer(this.#random, 100);
    // Once each: what comes back again and again is accepted in the end, and would differ for good.
    if (roll < 35 && !this.#edited.has(item.key)) {
      this.#edited.add(item.key);
      mailboxes.editContact(userId, item, { jobTitle: 'Made up', mobilePhone: '+1 425 555 0199' });
    } else if (roll < 55) mailboxes.deleteContact(userId, item);
    else if (roll < 75) mailboxes.moveContact(userId, item, mailbox.contacts);
    else if (roll < 93) mailboxes.copyContact(userId, item);
    else mailboxes.deleteFolder(userId, folder);
  }
}
