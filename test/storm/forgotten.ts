import type { Database } from 'better-sqlite3';
import { markOf } from '../tenant/mailbox/item.ts';
import type { Tenant } from '../tenant/tenant.ts';

/**
 * What no ledger tells of after a loss. A job finds its folders again in the mailboxes that receive it, since there it
 * looks for its mark before it makes one. Nothing looks into the mailboxes of everybody else: where a mailbox was to
 * receive no longer, or a job was withdrawn, and the ledger went before all was emptied, what stands there stays, until
 * somebody is to receive it again (deploy/decisions/2026-11-20-forgotten-mailboxes.md).
 */
export class Forgotten {
  readonly #places = new Set<string>();

  /** The ledger was lost or restored: whatever bears a mark in a mailbox that this one does not know is forgotten. */
  lose(tenant: Tenant, ledger: Database): void {
    for (const { userId, jobs } of marked(tenant)) {
      for (const route of jobs) this.#places.add(nameOf(route, userId));
    }
    this.meet(ledger);
  }

  /** Whatever the ledger has known once since then is the product's business again. */
  meet(ledger: Database): void {
    if (this.#places.size === 0) return;
    if (ledger.prepare("select 1 from sqlite_master where name = 'places'").get() === undefined) return;
    const known = ledger
      .prepare<[], { route: string; owner: string }>(
        'select r.id as route, m.owner from places p join routes r on r.key = p.route join mailboxes m on m.key = p.mailbox',
      )
      .all();
    for (const { route, owner } of known) this.#places.delete(nameOf(route, owner));
  }

  /** Whether the job is forgotten in this mailbox. */
  has(route: string, owner: string): boolean {
    return this.#places.has(nameOf(route, owner));
  }
}

function nameOf(route: string, owner: string): string {
  return `${route}|${owner}`;
}

/** The jobs whose marks stand in each mailbox. */
function marked(tenant: Tenant): { userId: string; jobs: ReadonlySet<string> }[] {
  return [...tenant.mailboxes.all()].map((mailbox) => ({
    userId: mailbox.userId,
    jobs: new Set([...mailbox.items()].flatMap(({ content }) => markOf(content)?.split('/')[1] ?? [])),
  }));
}
