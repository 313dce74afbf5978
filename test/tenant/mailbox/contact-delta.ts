import { uuid, type Random } from '../../../src/kit/random.ts';
import type { Clock } from '../../../src/kit/clock.ts';
import type { FaultDice } from '../faults.ts';
import { ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { only, select } from '../http/odata.ts';
import type { Switches } from '../options.ts';
import type { Folder, Item } from './item.ts';
import { demandFolder, type MailRooms } from './locate.ts';
import type { Mailbox } from './mailbox.ts';
import { contactProperties, renderContact, wantsImmutable } from './render.ts';

/** Entries on a page unless `Prefer: odata.maxpagesize` says otherwise, and the most that it may say; neither is documented. */
const PAGE_DEFAULT = 10;
const PAGE_MAX = 1_000;
/** Page tokens are short-lived; how short is not documented (learn.microsoft.com/graph/delta-query-overview). */
const PAGE_LIFE_MS = 3_600_000;

interface Token {
  /** Folder. */
  readonly f: string;
  /** The last change that the round knew of; -1 before the first round. */
  readonly p: number;
  readonly s: readonly string[] | null;
  /** How often the mailbox had forgotten its tokens by then. */
  readonly e: number;
}

interface Round {
  readonly pages: readonly unknown[][];
  readonly next: Token;
  readonly at: number;
}

interface ContactDeltaOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly dice: FaultDice;
  readonly switches: Switches;
}

/**
 * `contactFolders/{id}/contacts/delta`, or of the default folder without its id: what was added, changed or removed in one
 * folder, whoever did it.
 */
export class ContactDelta {
  readonly #options: ContactDeltaOptions;
  readonly #rounds = new Map<string, Round>();

  constructor(options: ContactDeltaOptions) {
    this.#options = options;
  }

  answer(call: Call, { mailboxes }: Pick<MailRooms, 'mailboxes'>): Answer {
    const { switches } = this.#options;
    const mailbox = mailboxes.demand(call.path[1] ?? '');
    const isDefault = call.path[2]?.toLowerCase() === 'contacts';
    if (switches.contactDelta === 'absent' || (isDefault && switches.defaultContactsDelta === 'absent'))
      throw new Refusal(400, 'BadRequest', "Resource not found for the segment 'delta'.");
    const folder = isDefault ? mailbox.contacts : demandFolder(mailbox, call.path[3] ?? '');
    const skip = call.query.get('$skiptoken');
    if (skip !== undefined) {
      only(call.query, ['$skiptoken'], 'ErrorInvalidRequest');
      return this.#page(call, folder, skip);
    }
    const from = this.#start(call, mailbox, folder);
    return this.#round(call, { mailbox, folder, from, at: mailboxes.behind(mailbox) });
  }

  #start(call: Call, mailbox: Mailbox, folder: Folder): Token {
    const text = call.query.get('$deltatoken');
    if (text === undefined) {
      // Neither $expand nor $filter nor $top is documented here (learn.microsoft.com/graph/api/contact-delta).
      only(call.query, ['$select'], 'ErrorInvalidRequest');
      const names = select(call.query, contactProperties, 'RequestBroker--ParseUri');
      return { f: folder.id, p: -1, s: names ?? null, e: mailbox.forgotten };
    }
    only(call.query, ['$deltatoken'], 'ErrorInvalidRequest');
    const token = decode(text, folder);
    const { dice } = this.#options;
    if (dice.roll('deltaExpired410')) throw expired(dice.pick([410, 404, 400]));
    if (token.e !== mailbox.forgotten) throw expired(410);
    return token;
  }

  /** `at`: as of when a replica that is behind answers. What it does not know yet, a later round tells. */
  #round(
    call: Call,
    { mailbox, folder, from, at }: { mailbox: Mailbox; folder: Folder; from: Token; at: number | null },
  ): Answer {
    const { dice, switches } = this.#options;
    const known = (at === null ? undefined : mailbox.journal.changesAt(at)) ?? mailbox.changes;
    const next = { ...from, p: Math.max(from.p, known), e: mailbox.forgotten };
    const there = (at === null ? folder : mailbox.journal.folderAt(folder, at)).items;
    const replays = from.p > 0 && dice.roll('deltaReplay');
    const after = replays ? from.p - 3 : from.p;
    const immutable = wantsImmutable(call) && switches.contactDeltaIds === 'as-asked';
    const items: unknown[] = [...there.values()]
      .filter((item) => item.changeKey > after)
      .map((item) => renderContact(item, { mailbox, immutable, select: from.s ?? undefined }));
    if (from.p >= 0) {
      for (const gone of folder.removed) {
        if (gone.at <= after || gone.at > next.p || there.has(gone.item.key)) continue;
        items.push({ id: idOf(mailbox, gone.item, immutable), '@removed': { reason: 'deleted' } });
      }
    }
    if (items.length > 0 && dice.roll('deltaDuplicate')) items.push(dice.pick(items));
    const pages = this.#pages(items, pageSize(call));
    if (pages.length === 1) return this.#last(call, { next, items });
    const id = uuid(this.#options.random);
    this.#forgetOldRounds();
    this.#rounds.set(id, { pages, next, at: this.#options.clock.now() });
    return this.#page(call, folder, `${id}.0`);
  }

  #pages(items: readonly unknown[], size: number): unknown[][] {
    const pages: unknown[][] = [];
    for (let at = 0; at === 0 || at < items.length; at += size) pages.push(items.slice(at, at + size));
    const { dice } = this.#options;
    if (dice.roll('deltaEmptyPage')) pages.splice(dice.half() ? 0 : 1, 0, []);
    return pages;
  }

  #page(call: Call, folder: Folder, skip: string): Answer {
    const [id = '', index = ''] = skip.split('.');
    const round = this.#rounds.get(id);
    if (round?.next.f !== folder.id || this.#options.clock.now() - round.at > PAGE_LIFE_MS)
      throw expired(410);
    const at = Number(index);
    const items = round.pages[at];
    if (items === undefined) throw new Refusal(400, 'ErrorInvalidRequest', 'Unrecognized page token.');
    if (at === round.pages.length - 1) return this.#last(call, { next: round.next, items });
    return answer(call, { '@odata.nextLink': `${path(call)}?$skiptoken=${id}.${at + 1}`, value: items });
  }

  #last(call: Call, end: { next: Token; items: readonly unknown[] }): Answer {
    const token = Buffer.from(JSON.stringify(end.next)).toString('base64url');
    return answer(call, { '@odata.deltaLink': `${path(call)}?$deltatoken=${token}`, value: end.items });
  }

  #forgetOldRounds(): void {
    const now = this.#options.clock.now();
    for (const [id, round] of this.#rounds) if (now - round.at > PAGE_LIFE_MS) this.#rounds.delete(id);
  }
}

function idOf(mailbox: Mailbox, item: Item, immutable: boolean): string {
  return immutable ? mailbox.ids.immutable(item) : mailbox.ids.regular(item);
}

function path(call: Call): string {
  return `${call.origin}/v1.0/${call.path.map(encodeURIComponent).join('/')}`;
}

function answer(call: Call, body: Record<string, unknown>): Answer {
  const shown = ok({ '@odata.context': `${call.origin}/v1.0/$metadata#Collection(contact)`, ...body });
  return wantsImmutable(call)
    ? { ...shown, headers: { 'Preference-Applied': 'IdType="ImmutableId"' } }
    : shown;
}

function pageSize(call: Call): number {
  const asked = /odata\.maxpagesize\s*=\s*(\d+)/i.exec(call.headers['prefer'] ?? '')?.[1];
  return Math.min(PAGE_MAX, Math.max(1, Number(asked ?? PAGE_DEFAULT)));
}

function decode(text: string, folder: Folder): Token {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Token;
    if (token.f === folder.id) return token;
  } catch {
    // Falls through: not one of ours.
  }
  throw new Refusal(400, 'ErrorInvalidRequest', 'Badly formed token.');
}

/** Status and code vary (learn.microsoft.com/graph/delta-query-overview): "40X", with a code such as syncStateNotFound. */
function expired(status: 400 | 404 | 410): Refusal {
  return new Refusal(status, 'SyncStateNotFound', 'The sync state generation is not found.');
}
