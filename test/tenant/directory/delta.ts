import { uuid, type Random } from '../../../src/kit/random.ts';
import type { Clock } from '../../../src/kit/clock.ts';
import type { FaultDice } from '../faults.ts';
import { ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { only, select } from '../http/odata.ts';
import type { Switches } from '../options.ts';
import { DeltaLog } from './delta-log.ts';
import { buildRound, type RoundRequest } from './delta-round.ts';
import { pathOf, type Collection, type DirectoryChange } from './objects.ts';
import { defaultSelect, selectableInDelta } from './selectable.ts';

/** Directory delta tokens live 7 days (learn.microsoft.com/graph/delta-query-overview). */
const TOKEN_LIFE_MS = 7 * 24 * 3_600_000;
/** Page tokens are short-lived; how short is not documented (learn.microsoft.com/graph/delta-query-overview). */
const PAGE_LIFE_MS = 3_600_000;
/** Ids that a `$filter` may name (learn.microsoft.com/graph/delta-query-overview). */
const FILTER_IDS_MAX = 50;

/** The members of these come along when `members` is selected, or nothing is. */
const HAVE_MEMBERS: ReadonlySet<Collection> = new Set(['groups', 'administrativeUnits']);

interface Token {
  readonly c: Collection;
  readonly p: number;
  readonly s: readonly string[];
  readonly m: boolean;
  readonly f?: readonly string[];
  readonly t: number;
}

interface Round {
  readonly pages: readonly unknown[][];
  readonly next: Token;
  readonly at: number;
}

interface DeltaOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly dice: FaultDice;
  readonly switches: Switches;
}

/** `users/delta` and its like. */
export class Delta {
  readonly #logs: Readonly<Record<Collection, DeltaLog>>;
  readonly #rounds = new Map<string, Round>();
  readonly #options: DeltaOptions;

  constructor(options: DeltaOptions) {
    this.#options = options;
    const log = { clock: options.clock, dice: options.dice, staleMs: options.switches.staleMs };
    this.#logs = {
      users: new DeltaLog(log),
      groups: new DeltaLog(log),
      contacts: new DeltaLog(log),
      administrativeUnits: new DeltaLog(log),
    };
  }

  append(change: DirectoryChange): void {
    this.#logs[change.collection].append(change);
  }

  answer(call: Call, collection: Collection): Answer {
    const skip = call.query.get('$skiptoken');
    if (skip !== undefined) {
      only(call.query, ['$skiptoken'], 'Request_BadRequest');
      return this.#page(call, collection, skip);
    }
    const text = call.query.get('$deltatoken');
    const log = this.#logs[collection];
    log.refresh();
    if (text === undefined || text === '' || text === 'latest') {
      only(call.query, ['$select', '$filter', '$deltatoken'], 'Request_BadRequest');
      const next = { ...this.#firstToken(call, collection), p: log.visible.length };
      return text === 'latest' ? this.#last(call, { next, items: [] }) : this.#round(call, next, undefined);
    }
    only(call.query, ['$deltatoken'], 'Request_BadRequest');
    const token = decode(text, collection);
    const { clock, dice, switches } = this.#options;
    if (dice.roll('deltaExpired410'))
      throw expired(call, token, dice.pick(['410-location', '410', '404', '400']));
    if (clock.now() - token.t > TOKEN_LIFE_MS) throw expired(call, token, switches.deltaExpiry);
    return this.#round(call, { ...token, p: log.visible.length, t: clock.now() }, token.p);
  }

  #firstToken(call: Call, collection: Collection): Token {
    const names = select(call.query, selectableInDelta[collection], 'Request_BadRequest');
    const ids = filterIds(call.query.get('$filter'));
    return {
      c: collection,
      p: 0,
      s: (names ?? defaultSelect[collection]).filter((name) => name !== 'id' && name !== 'members'),
      m: HAVE_MEMBERS.has(collection) && (names === undefined || names.includes('members')),
      t: this.#options.clock.now(),
      ...(ids === undefined ? {} : { f: ids }),
    };
  }

  #round(call: Call, next: Token, from: number | undefined): Answer {
    const request: RoundRequest = {
      collection: next.c,
      from,
      select: next.s,
      members: next.m,
      ids: next.f === undefined ? undefined : new Set(next.f),
      minimal: from !== undefined && /return=minimal/i.test(call.headers['prefer'] ?? ''),
    };
    const pages = buildRound(this.#logs[next.c], request, this.#options);
    if (pages.length === 1) return this.#last(call, { next, items: pages[0] ?? [] });
    const id = uuid(this.#options.random);
    this.#forgetOldRounds();
    this.#rounds.set(id, { pages, next, at: this.#options.clock.now() });
    return this.#page(call, next.c, `${id}.0`);
  }

  #page(call: Call, collection: Collection, skip: string): Answer {
    const [id = '', index = ''] = skip.split('.');
    const round = this.#rounds.get(id);
    if (round?.next.c !== collection || this.#options.clock.now() - round.at > PAGE_LIFE_MS) {
      throw new Refusal(400, 'Directory_ExpiredPageToken', 'The specified page token value has expired.');
    }
    const at = Number(index);
    const items = round.pages[at];
    if (items === undefined) throw new Refusal(400, 'Request_BadRequest', 'Unrecognized page token.');
    if (at === round.pages.length - 1) return this.#last(call, { next: round.next, items });
    return ok({
      '@odata.context': `${call.origin}/v1.0/$metadata#${collection}`,
      '@odata.nextLink': `${call.origin}/v1.0/${pathOf(collection)}/delta?$skiptoken=${id}.${at + 1}`,
      value: items,
    });
  }

  #last(call: Call, end: { next: Token; items: readonly unknown[] }): Answer {
    const token = Buffer.from(JSON.stringify(end.next)).toString('base64url');
    return ok({
      '@odata.context': `${call.origin}/v1.0/$metadata#${end.next.c}`,
      '@odata.deltaLink': `${call.origin}/v1.0/${pathOf(end.next.c)}/delta?$deltatoken=${token}`,
      value: end.items,
    });
  }

  #forgetOldRounds(): void {
    const now = this.#options.clock.now();
    for (const [id, round] of this.#rounds) if (now - round.at > PAGE_LIFE_MS) this.#rounds.delete(id);
  }
}

function decode(text: string, collection: string): Token {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Token;
    if (token.c === collection) return token;
  } catch {
    // Falls through: not one of ours.
  }
  throw new Refusal(400, 'Request_BadRequest', 'Badly formed token.');
}

/** `Location` is the same question with an empty token: start over. */
function expired(call: Call, token: Token, how: Switches['deltaExpiry']): Refusal {
  if (how === '410-location') {
    const names = [...token.s, ...(token.m ? ['members'] : [])].join(',');
    // The members of units cannot be selected: where they come, nothing was.
    const select = token.m && token.c === 'administrativeUnits' ? '' : `&$select=${names}`;
    const filter =
      token.f === undefined ? '' : `&$filter=${token.f.map((id) => `id%20eq%20'${id}'`).join('%20or%20')}`;
    const location = `${call.origin}/v1.0/${pathOf(token.c)}/delta?$deltatoken=${select}${filter}`;
    return new Refusal(410, 'resyncRequired', 'Resync required.').with({ Location: location });
  }
  return new Refusal(Number(how), 'syncStateNotFound', 'The sync state generation is not found.');
}

function filterIds(filter: string | undefined): string[] | undefined {
  if (filter === undefined) return undefined;
  const terms = filter
    .split(/ or /i)
    .map((term) => /^\s*id eq '([0-9a-fA-F-]{36})'\s*$/.exec(term)?.[1]?.toLowerCase());
  if (terms.length > FILTER_IDS_MAX)
    throw new Refusal(400, 'Request_UnsupportedQuery', `At most ${FILTER_IDS_MAX} ids.`);
  return terms.map((id) => {
    if (id === undefined)
      throw new Refusal(400, 'Request_UnsupportedQuery', 'Only id eq is supported in a delta filter.');
    return id;
  });
}
