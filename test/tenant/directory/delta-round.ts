import type { FaultDice } from '../faults.ts';
import type { Switches } from '../options.ts';
import type { DeltaLog, LogEntry, Shown } from './delta-log.ts';
import type { Collection } from './objects.ts';
import { shownValue } from './selectable.ts';

/** What the token of a round was asked for; `from` is undefined for an initial round. */
export interface RoundRequest {
  readonly collection: Collection;
  readonly from: number | undefined;
  readonly select: readonly string[];
  readonly members: boolean;
  readonly ids: ReadonlySet<string> | undefined;
  /** `Prefer: return=minimal`: only what changed. */
  readonly minimal: boolean;
}

interface Touched {
  /** undefined: everything. */
  properties: Set<string> | undefined;
  members: Set<string>;
}

type Item = Record<string, unknown>;

/** The pages of one round, made at once: what changes while they are read comes with the next token. */
export function buildRound(
  log: DeltaLog,
  request: RoundRequest,
  tools: { dice: FaultDice; switches: Switches },
): Item[][] {
  const items =
    request.from === undefined
      ? initialItems(log, request, tools.switches)
      : changedItems(log, request, tools);
  if (items.length > 0 && tools.dice.roll('deltaDuplicate')) items.push({ ...tools.dice.pick(items) });
  const pages: Item[][] = [];
  for (let at = 0; at < items.length; at += tools.switches.deltaPageSize) {
    pages.push(items.slice(at, at + tools.switches.deltaPageSize));
  }
  if (pages.length === 0) pages.push([]);
  if (tools.dice.roll('deltaEmptyPage')) pages.splice(tools.dice.half() ? 0 : 1, 0, []);
  return pages;
}

function initialItems(log: DeltaLog, request: RoundRequest, switches: Switches): Item[] {
  const items: Item[] = [];
  const later: Item[] = [];
  for (const [id, shown] of log.shown) {
    if (request.ids?.has(id) === false) continue;
    if (shown.version.presence === 'live') {
      const members = [...shown.members.keys()].filter(
        (member) => shown.members.get(member)?.present === true || switches.removedInInitialRound,
      );
      slice(object(id, shown, { request }), {
        shown,
        members: request.members ? members : [],
        switches,
        items,
        later,
      });
    } else if (shown.version.presence === 'soft' && switches.removedInInitialRound) {
      items.push({ id, '@removed': { reason: 'changed' } });
    }
  }
  return [...items, ...later];
}

function changedItems(
  log: DeltaLog,
  request: RoundRequest,
  tools: { dice: FaultDice; switches: Switches },
): Item[] {
  const from = request.from ?? 0;
  const window = log.visible.slice(from);
  if (from > 0 && tools.dice.roll('deltaReplay')) {
    for (let times = 0; times < 3; times += 1) window.push(tools.dice.pick(log.visible.slice(0, from)));
  }
  const items: Item[] = [];
  const later: Item[] = [];
  for (const [id, touched] of touchedBy(window, request)) {
    const shown = log.shown.get(id);
    if (shown === undefined) continue;
    if (shown.version.presence === 'live') {
      const item = object(id, shown, { request, touched: request.minimal ? touched.properties : undefined });
      const members = [...touched.members];
      slice(item, { shown, members, switches: tools.switches, items, later });
    } else {
      items.push({ id, '@removed': { reason: shown.version.presence === 'soft' ? 'changed' : 'deleted' } });
    }
  }
  return [...items, ...later];
}

/** Which objects a window of the log concerns. `$select` is the change filter: other properties do not surface. */
function touchedBy(window: readonly LogEntry[], request: RoundRequest): Map<string, Touched> {
  const found = new Map<string, Touched>();
  const selected = new Set([...request.select, ...(request.members ? ['members'] : [])]);
  for (const { change } of window) {
    if (request.ids?.has(change.id) === false) continue;
    if (change.properties?.every((name) => !selected.has(name)) === true) continue;
    const touched = found.get(change.id) ?? { properties: new Set<string>(), members: new Set<string>() };
    if (change.properties === undefined) touched.properties = undefined;
    for (const name of change.properties ?? []) touched.properties?.add(name);
    if (request.members) for (const member of change.members) touched.members.add(member.id);
    found.set(change.id, touched);
  }
  return found;
}

function object(
  id: string,
  shown: Shown,
  how: { request: RoundRequest; touched?: Set<string> | undefined },
): Item {
  const item: Item = { id };
  for (const name of how.request.select) {
    if (how.touched !== undefined && !how.touched.has(name)) continue;
    const value = shownValue(shown.version.value, name);
    if (name === 'manager') {
      // A relation, as ids (seen in live answers: learn.microsoft.com/answers/questions/1106807).
      if (value !== null) item['manager@delta'] = [{ '@odata.type': '#microsoft.graph.user', id: value }];
    } else if (value !== null || shown.named.has(name)) item[name] = value;
  }
  return item;
}

/** Adds the object once per slice of its members: the first in its place, the others at the end of the round. */
function slice(
  item: Item,
  to: { shown: Shown; members: readonly string[]; switches: Switches; items: Item[]; later: Item[] },
): void {
  if (to.members.length === 0) {
    to.items.push(item);
    return;
  }
  for (let at = 0; at < to.members.length; at += to.switches.deltaMembersPerPage) {
    const part = to.members.slice(at, at + to.switches.deltaMembersPerPage).map((id) => {
      const member = to.shown.members.get(id);
      const entry = { '@odata.type': `#microsoft.graph.${member?.type ?? 'user'}`, id };
      return member?.present === true ? entry : { ...entry, '@removed': { reason: 'deleted' } };
    });
    (at === 0 ? to.items : to.later).push({ ...item, 'members@delta': part });
  }
}
