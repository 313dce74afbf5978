import type { FoundItem, LinkOrigin, Operation, Outcome } from '../engine/ports.ts';
import { cardOf, managerIn, needsContactRow, plainAddress, type Naming } from '../exchange/contact-fields.ts';
import { guidOf, markIn, type MailContacts, type Sending } from '../exchange/mail-contacts.ts';
import { aliasStart, ANY_MARK, identityIn, readCtcsMark } from '../exchange/marks.ts';
import type { Recent } from '../exchange/recent.ts';
import type { Row } from '../exchange/transport.ts';
import { text } from '../kit/json.ts';
import type { CardField } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import { foundIn, isMarked, type Found } from './contact-rights.ts';

export interface ReaderOptions {
  readonly contacts: MailContacts;
  readonly recent: Recent;
  readonly deployment: string;
  readonly mark: string;
}

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;
type Personal = ReadonlyMap<string, Row>;

/** Everything that looks at mail contacts, for one `apply`: what several operations ask for is read once. */
export class ContactReader {
  readonly #options: ReaderOptions;
  readonly #sending: Sending;
  readonly #ours = new Map<string, Promise<readonly Found[]>>();
  readonly #byItem = new Map<string, Promise<ReadonlyMap<string, readonly Found[]>>>();
  readonly #namings = new Map<string, Promise<Naming>>();
  #personal: Promise<Personal> | undefined;

  constructor(options: ReaderOptions, sending: Sending) {
    this.#options = options;
    this.#sending = sending;
  }

  /** Nothing is marked where somebody keeps something else in the attribute: it would be lost, or taken for ours. */
  async demandFreeMark(): Promise<void> {
    const strangers = await this.#options.contacts.strangers(this.#sending);
    if (strangers.length === 0) return;
    throw new Fault(
      'forbidden',
      `${strangers.length} recipients use the attribute of the mark for something else`,
      { code: 'MarkAttributeInUse' },
    );
  }

  /** All of a route. */
  ours(route: string): Promise<readonly Found[]> {
    const { contacts, deployment } = this.#options;
    return once(this.#ours, route, async () =>
      this.#foundAmong(route, await contacts.ofRoute({ deployment, route }, this.#sending)),
    );
  }

  async items(route: string, fields: readonly CardField[], origin: LinkOrigin): Promise<FoundItem[]> {
    const found = (await this.ours(route)).filter((one) => one.origin === origin);
    return this.#shown(route, found, fields);
  }

  /** Those of one person, by mark or alias. */
  async find({ mark: { route, identity }, fields }: Of<'find'>): Promise<FoundItem[]> {
    const { contacts, deployment } = this.#options;
    const rows = await contacts.ofPerson({ deployment, route, identity }, this.#sending);
    const found = this.#foundAmong(route, rows).filter((one) => one.identity === identity.toLowerCase());
    return Promise.all(found.map((one) => this.#one(route, one, fields)));
  }

  /** The contact as it is now; nothing when it is gone or not ours. `asList`: many are asked for. */
  async read({ item, route, fields }: Of<'read'>, asList: boolean): Promise<FoundItem[]> {
    const { contacts, deployment, mark } = this.#options;
    if (asList) {
      const listed = await once(this.#byItem, route, async () =>
        Map.groupBy(await this.ours(route), ({ row }) => guidOf(row)),
      );
      return this.#shown(route, listed.get(item) ?? [], fields);
    }
    try {
      const found = foundIn(await contacts.get(item, this.#sending), { deployment, route, mark });
      return found === undefined ? [] : [await this.#one(route, found, fields)];
    } catch (error) {
      if (error instanceof Fault && error.kind === 'not-found') return [];
      throw error;
    }
  }

  /** Contacts that the rule lets be taken over: mastered in the cloud, and nobody else's. */
  async adoptable({ rule, route }: Of<'list-adoptable'>): Promise<Outcome> {
    const { contacts, deployment, mark } = this.#options;
    const wanted = { start: rule.foreignMark, unmarked: rule.folder !== null };
    const rows = await contacts.foreign(wanted, this.#sending);
    const candidates = rows.flatMap((row) => {
      if (row['IsDirSynced'] === true || foundIn(row, { deployment, route, mark })) return [];
      const ctcs = readCtcsMark(text(row, mark) ?? '');
      if (ctcs) return { item: guidOf(row), keys: [ctcs.identity], addresses: new Array<string>() };
      if (isMarked(row, mark)) return [];
      const address = plainAddress(text(row, 'ExternalEmailAddress') ?? '');
      return { item: guidOf(row), keys: new Array<string>(), addresses: [address] };
    });
    return { kind: 'candidates', candidates };
  }

  /** Routes of this deployment that have something here. */
  async routes(): Promise<readonly string[]> {
    const { contacts, deployment, mark } = this.#options;
    const rows = await contacts.foreign({ start: ANY_MARK, unmarked: false }, this.#sending);
    const marks = rows.flatMap((row) => markIn(row, mark) ?? []);
    const ours = marks.filter((one) => one.deployment.toLowerCase() === deployment.toLowerCase());
    return [...new Set(ours.map(({ route }) => route))];
  }

  #foundAmong(route: string, rows: readonly Row[]): Found[] {
    const { deployment, mark, recent } = this.#options;
    return (
      rows
        // A server that is behind still shows what we have removed.
        .filter((row) => !recent.wasRemoved(guidOf(row)))
        .flatMap((row) => foundIn(row, { deployment, route, mark }) ?? [])
    );
  }

  async #one(route: string, found: Found, fields: readonly CardField[]): Promise<FoundItem> {
    const personal = needsContactRow(fields)
      ? await this.#options.contacts.personal(guidOf(found.row), this.#sending)
      : new Map<string, Row>();
    const naming = await this.#naming(route, personal, fields);
    return { ...itemOf({ found, personal, naming }, fields), mayBeBehind: true };
  }

  async #shown(route: string, found: readonly Found[], fields: readonly CardField[]): Promise<FoundItem[]> {
    if (found.length === 0) return [];
    const personal = needsContactRow(fields)
      ? await (this.#personal ??= this.#options.contacts.personal(null, this.#sending))
      : new Map<string, Row>();
    const naming = await once(this.#namings, `${route}|${fields.join()}`, () =>
      this.#naming(route, personal, fields),
    );
    return found.map((one) => itemOf({ found: one, personal, naming }, fields));
  }

  /** Whose contact a name is: ours bear the person's id in theirs, and what we took over is looked up among all of the route. */
  async #naming(route: string, personal: Personal, fields: readonly CardField[]): Promise<Naming> {
    const start = aliasStart({ deployment: this.#options.deployment, route });
    const byAlias: Naming = (name) => identityIn(name, start) ?? null;
    const names = fields.includes('managerId')
      ? [...personal.values()].flatMap((row) => managerIn(row) ?? [])
      : [];
    if (names.every((name) => byAlias(name) !== null)) return byAlias;
    const known = new Map(
      (await this.ours(route)).map(({ row, identity }) => [text(row, 'Name')?.toLowerCase(), identity]),
    );
    return (name) => byAlias(name) ?? known.get(name.toLowerCase()) ?? null;
  }
}

/** What was worked out under this key before, or is being worked out. */
function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(key) ?? work();
  known.set(key, value);
  return value;
}

interface Shown {
  readonly found: Found;
  readonly personal: Personal;
  readonly naming: Naming;
}

function itemOf({ found, personal, naming }: Shown, fields: readonly CardField[]): FoundItem {
  const { row, identity, origin, isMarked: isWhole } = found;
  const item = guidOf(row);
  // One without its mark is not right, whatever else stands in it.
  if (!isWhole) return { item, identity, origin, card: {} };
  return {
    item,
    identity,
    origin,
    card: cardOf({ mail: row, contact: personal.get(item) ?? {} }, fields, naming),
  };
}
