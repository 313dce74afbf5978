import type { Transport } from '../../src/kit/transport.ts';
import { markOf, type Item } from '../tenant/mailbox/item.ts';
import { pictureAs, targets, type DirectoryJob } from '../tenant/directory-job.ts';
import type { Tenant } from '../tenant/tenant.ts';

const DAY_MS = 24 * 3_600_000;

export interface GuardWatchOptions {
  readonly tenant: Tenant;
  /** The jobs as they are configured now. */
  readonly jobs: () => readonly DirectoryJob[];
  readonly limit: (job: DirectoryJob) => number;
  readonly now: () => number;
  /** When owners last lost their licence or left (milliseconds since 1970): their mailboxes are emptied whole. */
  readonly left: ReadonlyMap<string, number>;
}

/**
 * Counts, on the wire and independently of the product, whose contacts the client removes while their mailbox goes on
 * receiving, and notes when more people than the guard allows were removed in 24 hours without an approval.
 */
export class GuardWatch {
  readonly beyond: { readonly at: number; readonly people: number }[] = [];
  readonly #options: GuardWatchOptions;
  #removed: { at: number; route: string; person: string }[] = [];
  #approved = new Set<string>();
  readonly #reverted = new Set<string>();
  /** Whatever the client has asked to remove, whether it went or not. */
  readonly #asked = new Set<Item>();

  constructor(options: GuardWatchOptions) {
    this.#options = options;
  }

  /** From now on these may go whatever the count. */
  approve(people: Iterable<string>): void {
    for (const person of people) this.#approved.add(person);
  }

  /** What this job made is taken back on an administrator's order: the guard is not asked, and stays behind for a while after it. */
  revert(route: string): void {
    this.#reverted.add(route);
  }

  /** The guard's memory went with the ledger. */
  forget(): void {
    this.#removed = [];
  }

  watch(transport: Transport): Transport {
    return (request) => {
      if (request.url.endsWith('/$batch') && request.body?.includes('permanentDelete'))
        this.#read(request.body);
      return transport(request);
    };
  }

  #read(body: string): void {
    const { requests } = JSON.parse(body) as { requests: { url: string }[] };
    for (const { url } of requests) {
      const [, owner, item] =
        /^\/users\/([^/]+)\/contactFolders\/[^/]+\/contacts\/([^/]+)\/permanentDelete$/.exec(url) ?? [];
      if (owner !== undefined && item !== undefined) this.#note(owner, decodeURIComponent(item));
    }
  }

  #note(owner: string, item: string): void {
    const { now, left, jobs, limit, tenant } = this.#options;
    const at = now();
    const removed = this.#item(owner, item);
    if (removed === undefined || this.#isCopy(owner, removed)) return;
    const [, route, person] = markOf(removed.content)?.split('/') ?? [];
    // A job that is withdrawn, and a mailbox that receives no longer, are emptied whole: the guard counts mailboxes there.
    const job = jobs().find((one) => one.route === route);
    const leaving = (left.get(owner) ?? -Infinity) > at - DAY_MS;
    if (route === undefined || person === undefined || job === undefined) return;
    if (this.#reverted.has(route)) return;
    if (leaving || this.#approved.has(person) || !targets(tenant, job.target).includes(owner)) return;
    // A picture is taken away by making the contact anew.
    if (job.photos && removed.content.photo !== undefined && pictureAs(tenant, job, person) === undefined)
      return;
    this.#removed = this.#removed.filter((one) => one.at > at - DAY_MS);
    this.#removed.push({ at, route, person });
    const people = new Set(this.#removed.flatMap((one) => (one.route === route ? [one.person] : []))).size;
    if (people > limit(job)) this.beyond.push({ at, people });
  }

  /**
   * Somebody copied a contact, or a create was applied twice: the person stays as long as another item with the mark
   * stands in the folder that the client has not asked to remove as well.
   */
  #isCopy(owner: string, removed: Item): boolean {
    this.#asked.add(removed);
    const mark = markOf(removed.content);
    const alike = mark === undefined ? [] : this.#options.tenant.mailboxes.get(owner).marked(mark);
    return alike.some((one) => one.folder === removed.folder && !this.#asked.has(one));
  }

  #item(owner: string, id: string): Item | undefined {
    const item = this.#options.tenant.mailboxes.get(owner).item(id);
    return item === 'malformed' ? undefined : item;
  }
}
