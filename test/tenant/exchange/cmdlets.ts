import type { Oracles } from '../oracles.ts';
import {
  contactRow,
  CUSTOM,
  friendlyCountry,
  mailContactRow,
  otherRow,
  PERSONAL,
  type MailContact,
  type Personal,
} from './contact.ts';
import { BadFilter, compileFilter } from './filter.ts';
import type { ExchangeSwitches } from './options.ts';
import { CONTACT_FILTERS, KNOWN, MAIL_FILTERS } from './known.ts';
import type { Recipients } from './recipients.ts';
import { addressTaken, ambiguous, badParameter, nameTaken, notFound } from './refusal.ts';

type Parameters = Readonly<Record<string, unknown>>;
export type Row = Record<string, unknown>;

interface CmdletsOptions {
  readonly recipients: Recipients;
  readonly switches: ExchangeSwitches;
  readonly oracles: Oracles;
}

/** The cmdlets, each a function of its parameters. */
export class Cmdlets {
  readonly #options: CmdletsOptions;

  constructor(options: CmdletsOptions) {
    this.#options = options;
  }

  /** Throws an `ExchangeRefusal`. */
  run(name: string, parameters: Parameters): Row[] {
    for (const key of Object.keys(parameters)) {
      if (KNOWN[name]?.includes(key)) continue;
      this.#malformed(`${name} has no parameter ${key}`);
      throw badParameter(`A parameter cannot be found that matches parameter name '${key}'.`);
    }
    switch (name) {
      case 'New-MailContact':
        return [this.#create(parameters)];
      case 'Set-MailContact':
        return this.#setMail(parameters);
      case 'Set-Contact':
        return this.#setContact(parameters);
      case 'Remove-MailContact':
        return this.#remove(parameters);
      default:
        return this.#get(name, parameters);
    }
  }

  #get(name: string, parameters: Parameters): Row[] {
    const { recipients } = this.#options;
    // A Get without an identity, or with an empty one, returns everything there is: nobody means that.
    if ('Identity' in parameters && !parameters['Identity'])
      this.#malformed(`${name} with an empty identity`);
    const view = recipients.view();
    const names = new Map(view.map(({ guid, name: own }) => [guid, own]));
    const rowOf = (one: MailContact): Row =>
      name === 'Get-Contact' ? contactRow(one, names.get(one.manager ?? '') ?? null) : mailContactRow(one);
    if (typeof parameters['Identity'] === 'string' && parameters['Identity'] !== '')
      return [rowOf(this.#find(parameters['Identity'], view))];
    const rows = [...view.map(rowOf), ...(name === 'Get-Recipient' ? recipients.others().map(otherRow) : [])];
    const filter = parameters['Filter'];
    if (typeof filter !== 'string') return rows;
    try {
      const known = name === 'Get-Contact' ? CONTACT_FILTERS : MAIL_FILTERS;
      return rows.filter(compileFilter(filter, known));
    } catch (error) {
      if (!(error instanceof BadFilter)) throw error;
      this.#malformed(`${name}: ${error.message}`);
      throw badParameter(error.message);
    }
  }

  #create(parameters: Parameters): Row {
    const { recipients, switches } = this.#options;
    const [name, address] = [textOf(parameters, 'Name'), textOf(parameters, 'ExternalEmailAddress')];
    if (name === '' || name.length > 64) throw badParameter('Name has 1 to 64 characters.');
    const alias = textOf(parameters, 'Alias');
    if (!/^[\w!#%*+\-/=?^~.]{1,64}$/.test(alias)) throw badParameter('The alias is not valid.');
    this.#demandAddress(address, null);
    if (recipients.contacts().some((one) => one.name.toLowerCase() === name.toLowerCase()))
      throw nameTaken(switches.conflictStatus, name);
    const personal = Object.fromEntries(
      (['FirstName', 'LastName', 'Initials'] as const).flatMap((key) =>
        textOf(parameters, key) === '' ? [] : [[key, textOf(parameters, key)]],
      ),
    );
    const displayName = textOf(parameters, 'DisplayName') || name;
    const made = recipients.create({ name, alias, address, displayName, personal });
    return mailContactRow(made);
  }

  #setMail(parameters: Parameters): Row[] {
    const { recipients } = this.#options;
    const one = this.#own(parameters);
    const custom = { ...one.custom };
    for (const key of CUSTOM) {
      if (!(key in parameters)) continue;
      const value = textOf(parameters, key);
      if (value.length > 1_024) throw badParameter(`${key} is too long.`);
      if (value === '') delete custom[key];
      else custom[key] = value;
      this.#watchMark(one, value);
    }
    const address =
      'ExternalEmailAddress' in parameters ? textOf(parameters, 'ExternalEmailAddress') : one.address;
    if (address.toLowerCase() !== one.address.toLowerCase()) this.#demandAddress(address, one.guid);
    const hidden = parameters['HiddenFromAddressListsEnabled'];
    recipients.change(one.guid, {
      custom,
      address,
      ...('DisplayName' in parameters ? { displayName: textOf(parameters, 'DisplayName') } : {}),
      ...(typeof hidden === 'boolean' ? { hidden } : {}),
    });
    return [];
  }

  #setContact(parameters: Parameters): Row[] {
    const { recipients } = this.#options;
    const one = this.#own(parameters);
    const personal: Partial<Record<Personal, string>> = { ...one.personal };
    for (const key of PERSONAL) {
      if (!(key in parameters)) continue;
      const text = textOf(parameters, key);
      const value = key === 'CountryOrRegion' ? friendlyCountry(text) : text;
      if (value === '') delete personal[key];
      else personal[key] = value;
    }
    const others = parameters['OtherTelephone'];
    const manager = parameters['Manager'];
    const named =
      typeof manager === 'string' && manager !== '' ? this.#find(manager, recipients.view()).guid : null;
    // The server that answers may not know yet that it was removed; no link outlives what it leads to, once they agree.
    const boss = named !== null && recipients.get(named) === null ? null : named;
    recipients.change(one.guid, {
      personal,
      ...('DisplayName' in parameters ? { displayName: textOf(parameters, 'DisplayName') } : {}),
      ...(Array.isArray(others) ? { otherTelephone: others.map(String) } : {}),
      ...('OtherTelephone' in parameters && others === null ? { otherTelephone: [] } : {}),
      ...('Manager' in parameters ? { manager: boss } : {}),
    });
    return [];
  }

  #remove(parameters: Parameters): Row[] {
    this.#options.recipients.remove(this.#own(parameters).guid);
    return [];
  }

  /** The contact that a write is about: found as the server sees it, changed as it is. Whoever changes what is not his trespasses. */
  #own(parameters: Parameters): MailContact {
    const { recipients, switches, oracles } = this.#options;
    const identity = parameters['Identity'];
    if (typeof identity !== 'string' || identity === '') {
      this.#malformed('a write without an identity');
      throw badParameter('Identity is missing.');
    }
    const seen = this.#find(identity, recipients.view());
    const one = recipients.get(seen.guid);
    if (one === null) throw notFound(switches.notFoundStatus, identity);
    if (one.isDirSynced)
      throw badParameter(
        'The object is mastered in your on-premises organization: it cannot be changed here.',
      );
    if (one.foreign && !one.adoptable) oracles.note('foreign-touched', `contact ${one.guid}`);
    return one;
  }

  #find(identity: string, view: readonly MailContact[]): MailContact {
    const { switches } = this.#options;
    const wanted = identity.toLowerCase();
    const byGuid = view.find(({ guid }) => guid === wanted);
    if (byGuid) return byGuid;
    const found = view.filter(({ name, alias, address }) =>
      [name, alias, address].some((one) => one.toLowerCase() === wanted),
    );
    if (found.length > 1) throw ambiguous(400, identity);
    const [one] = found;
    if (one === undefined) throw notFound(switches.notFoundStatus, identity);
    return one;
  }

  /** Free in the organisation; an address that a user or guest has is never to be given to a contact. */
  #demandAddress(address: string, except: string | null): void {
    const { recipients, switches, oracles } = this.#options;
    if (!/^[^\s@<>:]+@[^\s@<>]+$/.test(address)) throw badParameter('The address is not valid.');
    const holder = recipients.holder(address, except);
    if (holder !== null) throw addressTaken(switches.conflictStatus, address, holder);
    const user = recipients.userOf(address);
    if (user !== undefined) oracles.note('guest-touched', `user ${user.id}`);
  }

  #watchMark({ guid }: MailContact, value: string): void {
    const { recipients, oracles } = this.#options;
    if (!value.includes('|')) return;
    const twin = recipients
      .contacts()
      .find((one) => one.guid !== guid && Object.values(one.custom).includes(value));
    if (twin) oracles.note('duplicate-mark', `contacts ${guid} and ${twin.guid}`);
  }

  #malformed(what: string): void {
    this.#options.oracles.note('malformed-request', what);
  }
}

/** Exchange trims; null and nothing are the same. */
function textOf(parameters: Parameters, name: string): string {
  const value = parameters[name];
  return typeof value === 'string' ? value.trim().replace(/^smtp:/i, '') : '';
}
