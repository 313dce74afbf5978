import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick } from '../kit/seeded-random.ts';
import { markOf, type Folder } from '../tenant/mailbox/item.ts';
import type { Mailbox } from '../tenant/mailbox/mailbox.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Deeds } from './deeds.ts';

/** The owners of the mailboxes, at work in their contacts. */
export class Owners {
  readonly #tenant: Tenant;
  readonly #random: Random;
  /** Items of ours that an owner has changed. */
  readonly #edited = new Set<string>();
  readonly #deeds: Deeds;

  constructor(tenant: Tenant, random: Random, deeds: Deeds) {
    this.#tenant = tenant;
    this.#random = random;
    this.#deeds = deeds;
  }

  /** One of them adds a contact of their own beside ours, changes or removes one; or lays hands on ours. */
  interfere(): void {
    const { mailboxes } = this.#tenant;
    const mailbox = pick(this.#random, [...mailboxes.all()]);
    const folder = mailbox.folderNamed('Company Directory');
    if (folder && chance(this.#random, 0.6)) return this.#drift(mailbox, folder);
    const own = folder && [...folder.items.values()].find((item) => markOf(item.content) === undefined);
    const roll = this.#random.float();
    const { userId } = mailbox;
    if (own && roll < 0.3) {
      mailboxes.deleteContact(userId, own);
      this.#deeds.note('own contact deleted');
    } else if (own && roll < 0.6) {
      mailboxes.editContact(userId, own, { jobTitle: 'Private' });
      this.#deeds.note('own contact edited');
    } else {
      mailboxes.addContact(userId, { displayName: 'Private contact' }, folder);
      this.#deeds.note('own contact added');
    }
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
      this.#deeds.note('contact edited');
    } else if (roll < 55) {
      mailboxes.deleteContact(userId, item);
      this.#deeds.note('contact deleted');
    } else if (roll < 75) {
      mailboxes.moveContact(userId, item, mailbox.contacts);
      this.#deeds.note('contact moved');
    } else if (roll < 93) {
      mailboxes.copyContact(userId, item);
      this.#deeds.note('contact copied');
    } else {
      mailboxes.deleteFolder(userId, folder);
      this.#deeds.note('folder deleted');
    }
  }

  /**
   * One of them gives our folder another name. None takes our mark off a contact: nobody is told of that, so a change of the
   * person that comes before the next full look is still written into it.
   */
  tamper(random: Random): void {
    const { mailboxes } = this.#tenant;
    const mailbox = pick(random, [...mailboxes.all()]);
    const folder = mailbox.folderNamed('Company Directory');
    const isOurs = [...(folder?.items.values() ?? [])].some((item) => markOf(item.content) !== undefined);
    if (!folder || !isOurs) return;
    mailboxes.renameFolder(mailbox.userId, folder, 'My colleagues');
    this.#deeds.note('folder renamed by its owner');
  }
}
