import type { Mark, Operation, Outcome } from '../engine/ports.ts';
import {
  contactParameters,
  mailParameters,
  newParameters,
  plainAddress,
} from '../exchange/contact-fields.ts';
import { guidOf, markIn, type MailContacts, type Sending } from '../exchange/mail-contacts.ts';
import { aliasOf, ctcsMarkText, markText, type How } from '../exchange/marks.ts';
import type { Recent } from '../exchange/recent.ts';
import { CONFLICTS, type Parameters, type Row } from '../exchange/transport.ts';
import { text } from '../kit/json.ts';
import type { Card, CardField } from '../model/card.ts';
import { Fault } from '../model/fault.ts';
import {
  collisionOf,
  createAddresses,
  demandAddress,
  type Addresses,
  type AddressOwners,
} from './contact-addresses.ts';
import { withKept } from './kept-fields.ts';
import { demandCloud, foundIn, notOurs, rightTo } from './contact-rights.ts';

export interface WriterOptions {
  readonly contacts: MailContacts;
  readonly recent: Recent;
  readonly deployment: string;
  readonly mark: string;
  readonly sourceTenants: ReadonlyMap<string, string>;
  readonly owners: AddressOwners;
  /** What each route fills. */
  readonly owned: ReadonlyMap<string, readonly CardField[]>;
}

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

/** A contact that is there, and what is to stand in it. */
interface Wanted {
  readonly guid: string;
  readonly card: Card;
  readonly mark: Mark;
  readonly refersTo: string | null;
  readonly how: How;
  /** As it stands; undefined where nothing stands that must not be lost. */
  readonly row: Row | undefined;
}

/** The personal half as it was written; `again`: when it is to be tried once more. */
interface Personal {
  readonly card: Card;
  readonly again?: number;
}

/** Everything that changes a mail contact. Each rejects with a `Fault`. */
export class ContactWriter {
  readonly #options: WriterOptions;
  readonly #addresses: Addresses;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#addresses = createAddresses(options);
  }

  /**
   * Alias and name rule a second one out. So where the name is taken, the contact was made before: it is looked for, and where
   * no server shows it yet, the create counts as one without an answer.
   */
  async create({ card, mark, refersTo = null }: Of<'create'>, sending: Sending): Promise<Outcome> {
    const { contacts, deployment, recent } = this.#options;
    const address = demandAddress(card);
    await this.#addresses.demandFree(address, sending);
    const alias = aliasOf({ ...mark, deployment });
    const own = { Name: alias, Alias: alias, ExternalEmailAddress: address, ...newParameters(card) };
    let guid: string | undefined;
    try {
      const [row] = await contacts.run('New-MailContact', own, sending);
      guid = guidOf(row ?? {});
      if (guid === '') throw new Fault('unknown-outcome', 'a new contact came without its Guid');
      recent.made(guid);
    } catch (error) {
      const collision = collisionOf(error);
      if (collision === undefined) throw error;
      guid = await this.#madeBefore(mark, sending);
      if (guid === undefined) {
        if (collision === CONFLICTS.address) await this.#addresses.refuseHeld(address, sending);
        throw notReplicated('something of this name or address is there, and no server shows it yet');
      }
    }
    try {
      return await this.#complete({ guid, card, mark, refersTo, how: 'created', row: undefined }, sending);
    } catch (error) {
      // It is there: what is wrong with the rest comes out when that is written once more.
      if (!(error instanceof Fault) || error.kind === 'unknown-outcome') throw error;
      return { kind: 'written', item: guid, card, again: this.#againAt(error, guid) };
    }
  }

  async patch(
    { item, card, mark: person, adopt, refersTo = null }: Of<'patch'>,
    sending: Sending,
  ): Promise<Outcome> {
    const { contacts, recent, mark, deployment, sourceTenants } = this.#options;
    let row: Row;
    try {
      row = await contacts.get(item, sending);
    } catch (error) {
      if (isKind(error, 'not-found') && recent.wasMade(item))
        return { kind: 'written', item, card, again: recent.lookAgainAt(item) };
      throw error;
    }
    const claimant = { mark, deployment, sourceTenant: sourceTenants.get(person.route) };
    const how = rightTo(row, claimant, { person, isAdopted: adopt !== null });
    if (how === undefined) throw notOurs();
    demandCloud(row);
    try {
      return await this.#complete({ guid: item, card, mark: person, refersTo, how, row }, sending);
    } catch (error) {
      // Seen a moment ago: a server that is behind does not know it.
      if (!isKind(error, 'not-found')) throw error;
      return { kind: 'written', item, card, again: recent.lookAgainAt(item) };
    }
  }

  async remove({ item, route }: Of<'remove'>, sending: Sending): Promise<Outcome> {
    const { contacts, recent, mark, deployment } = this.#options;
    try {
      const row = await contacts.get(item, sending);
      if (foundIn(row, { deployment, route, mark }) === undefined) throw notOurs();
      demandCloud(row);
      await contacts.run('Remove-MailContact', { Identity: item, Confirm: false }, sending);
    } catch (error) {
      if (isKind(error, 'not-found') && recent.wasMade(item))
        throw notReplicated('the contact is not on every server yet');
      throw error;
    }
    recent.removed(item);
    return { kind: 'done' };
  }

  /** Another's contact gets back what it had; one that CTCS made goes with its person, since nobody else would remove it. */
  async unstamp({ item, route, mailbox, identity, gone }: Of<'unstamp'>, sending: Sending): Promise<Outcome> {
    const { contacts, mark, deployment } = this.#options;
    const row = await contacts.get(item, sending);
    const known = markIn(row, mark);
    // Nothing of ours is on it.
    if (known === undefined || foundIn(row, { deployment, route, mark }) === undefined)
      return { kind: 'done' };
    const before = ctcsMarkText(known);
    if (gone && before !== undefined)
      return this.remove({ kind: 'remove', item, route, mailbox, identity, folder: '' }, sending);
    await contacts.run('Set-MailContact', { Identity: item, [mark]: before ?? null }, sending);
    return { kind: 'done' };
  }

  /**
   * First what is personal, then what mail goes by: until the new address is accepted it is routed as before, and where it is
   * refused, everything else is written all the same. What fails between the two is `isPartial`.
   */
  async #complete(wanted: Wanted, sending: Sending): Promise<Outcome> {
    demandAddress(wanted.card);
    const done = await this.#setPersonal(wanted, sending);
    try {
      return await this.#setMail(wanted, done, sending);
    } catch (error) {
      throw error instanceof Fault ? error.asPartial() : error;
    }
  }

  async #setMail(wanted: Wanted, done: Personal, sending: Sending): Promise<Outcome> {
    const { contacts, mark, deployment, sourceTenants } = this.#options;
    const { guid: item, card, how, row } = wanted;
    const address = demandAddress(card);
    const before = plainAddress(text(row, 'ExternalEmailAddress') ?? '');
    const isMoved = row !== undefined && before.toLowerCase() !== address.toLowerCase();
    const sourceTenant = sourceTenants.get(wanted.mark.route) ?? '-';
    const own = {
      Identity: item,
      ...mailParameters(card),
      [mark]: markText({ ...wanted.mark, deployment, how, sourceTenant }),
    };
    try {
      if (isMoved) await this.#addresses.demandFree(address, sending);
      await contacts.run('Set-MailContact', { ...own, ExternalEmailAddress: address }, sending);
    } catch (error) {
      const isPassing = error instanceof Fault && error.code === CONFLICTS.dualWrite;
      if (!isMoved || !isKind(error, 'conflict') || isPassing) throw error;
      await contacts.run('Set-MailContact', own, sending);
      if (collisionOf(error) !== undefined) await this.#addresses.refuseHeld(address, sending);
      throw error;
    }
    const owned = this.#options.owned.get(wanted.mark.route) ?? [];
    const whole = await withKept(done.card, { owned, row }, { contacts, sending });
    return { kind: 'written', item, ...done, card: whole };
  }

  /**
   * What is personal, the manager among it: the contact of another person, by its Guid. Where no server shows that one, the
   * field is cleared; it is tried again until it cannot be a server that is behind. Should that contact be made anew, everybody
   * who names it is written again.
   */
  async #setPersonal({ guid, card, refersTo }: Wanted, sending: Sending): Promise<Personal> {
    const { contacts, recent } = this.#options;
    const personal = contactParameters(card);
    const set = async (more: Parameters): Promise<void> =>
      void (await contacts.run('Set-Contact', { Identity: guid, ...personal, ...more }, sending));
    if (card.managerId === undefined) {
      if (personal !== null) await set({});
      return { card };
    }
    const without = { ...card, managerId: null };
    try {
      await set({ Manager: refersTo });
      if (refersTo !== null) recent.referredTo(refersTo);
      return { card: refersTo === null ? without : card };
    } catch (error) {
      if (refersTo === null || !isKind(error, 'not-found')) throw error;
      // One of the two cannot be found: without the manager it turns out which.
      await set({ Manager: null });
      const again = recent.missed(refersTo);
      return { card: without, ...(again === null ? {} : { again }) };
    }
  }

  #againAt({ retryAt }: Fault, item: string): number {
    return retryAt ?? this.#options.recent.lookAgainAt(item);
  }

  async #madeBefore(person: Mark, sending: Sending): Promise<string | undefined> {
    const { contacts, deployment, recent, mark } = this.#options;
    const rows = await contacts.ofPerson({ ...person, deployment }, sending);
    const own = rows.find(
      (row) =>
        !recent.wasRemoved(guidOf(row)) &&
        foundIn(row, { deployment, route: person.route, mark })?.identity === person.identity.toLowerCase(),
    );
    return own && guidOf(own);
  }
}

/** Whether it is there is not known before all servers agree: as after a write without an answer. */
function notReplicated(what: string): Fault {
  return new Fault('unknown-outcome', what, { code: 'NotReplicatedYet' });
}

function isKind(error: unknown, kind: Fault['kind']): boolean {
  return error instanceof Fault && error.kind === kind;
}
