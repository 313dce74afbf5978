import { uuid, type Random } from '../../src/kit/random.ts';
import { integer, pick } from '../kit/seeded-random.ts';
import type { User } from './directory/objects.ts';
import type { Fields, Folder, Item } from './mailbox/item.ts';
import { person, populate, type Population } from './population.ts';
import type { Tenant } from './tenant.ts';

/**
 * Why members have a contact in common, or have not, and what whoever mirrors contacts is to make of it: `one` person;
 * `apart`, as many people as contacts; `ambiguous`, to be reported and not guessed; `private`, nobody else's business.
 */
export const acquaintanceKinds = {
  /** One member alone has it. */
  own: 'one',
  /** One address in several spellings, under several names. */
  'same address': 'one',
  /** One name, and no address anywhere. */
  'same name': 'one',
  /** The tag of the mirroring script with one SyncId in the notes; address and name differ. */
  'same tag': 'one',
  /** One name, but only one of the contacts has an address. */
  namesakes: 'apart',
  /** A member has it twice, by address. */
  'twice by address': 'ambiguous',
  /** A member has it twice, by name and without an address. */
  'twice by name': 'ambiguous',
  /** One contact bears the addresses of two others that another member has; nobody can say whose it is. */
  'two in one': 'ambiguous',
  /** Locked in Outlook. */
  locked: 'private',
  /** In the category `Private`. */
  'in a category': 'private',
  /** In a folder below the default one. */
  'in a folder': 'private',
} as const;

export type AcquaintanceKind = keyof typeof acquaintanceKinds;

export interface Acquaintance {
  readonly kind: AcquaintanceKind;
  readonly holdings: readonly { readonly owner: string; readonly item: Item }[];
}

export interface MirrorPopulation extends Pick<Population, 'source'> {
  /** Licensed people with contacts of their own, all in the source group. */
  readonly members: readonly User[];
  /** A shared mailbox in which there is nothing yet. */
  readonly hub: User;
  readonly acquaintances: readonly Acquaintance[];
}

export interface MirrorSize {
  /** At least 2: fewer share nothing. */
  readonly members: number;
  /** Contacts that each member alone has; 2 unless given. */
  readonly own?: number;
  /** How many of every other kind; 1 unless given. */
  readonly ofEach?: number;
}

const PRIVATE_FOLDER = 'Family';
const PRIVATE_CATEGORY = 'Private';

/** Fills an empty tenant for a job that mirrors contacts: members with contacts of their own, and an empty hub. */
export function populateMirror(tenant: Tenant, random: Random, size: MirrorSize): MirrorPopulation {
  if (size.members < 2) throw new RangeError('Fewer than two members have nothing in common');
  const many = { people: size.members, mailboxes: size.members, foreign: 0 };
  const { source, owners: members } = populate(tenant, random, many);
  const address = 'all-contacts@contoso.example';
  const names = { displayName: 'All contacts', mail: address, userPrincipalName: address };
  const hub = tenant.directory.addUser({ ...names, accountEnabled: false });
  tenant.mailboxes.setPurpose(hub.id, 'shared');
  return { source, members, hub, acquaintances: new Acquaintances(tenant, random, members).make(size) };
}

/** Writes them into the mailboxes. Whoever has no address has a name of their own, so that nobody meets by chance. */
class Acquaintances {
  readonly #tenant: Tenant;
  readonly #random: Random;
  readonly #members: readonly User[];
  readonly #made: Acquaintance[] = [];
  #number = 10_000;

  constructor(tenant: Tenant, random: Random, members: readonly User[]) {
    this.#tenant = tenant;
    this.#random = random;
    this.#members = members;
  }

  make({ own = 2, ofEach = 1 }: MirrorSize): Acquaintance[] {
    for (const { id } of this.#members)
      for (let number = 0; number < own; number += 1) this.#note('own', [this.#add(id, this.#somebody())]);
    for (let round = 0; round < ofEach; round += 1) {
      this.#sameAddress();
      this.#sameName();
      this.#sameTag();
      this.#namesakes();
      this.#twice();
      this.#twoInOne();
      this.#private();
    }
    return this.#made;
  }

  #sameAddress(): void {
    const { emailAddresses, ...rest } = this.#somebody();
    const [{ address }] = emailAddresses;
    const spellings = [address, address.toUpperCase(), address[0]?.toUpperCase() + address.slice(1)];
    const holdings = this.#several().map((owner, at) => {
      const spelled = spellings[at % spellings.length] ?? address;
      const others = at === 0 ? rest : { ...this.#named(), jobTitle: `Known as ${at}` };
      return this.#add(owner, { ...others, emailAddresses: [{ name: spelled, address: spelled }] });
    });
    this.#note('same address', holdings);
  }

  #sameName(): void {
    const name = this.#named();
    const holdings = this.#several().map((owner, at) =>
      this.#add(owner, { ...name, mobilePhone: `+49 151 77${at}` }),
    );
    this.#note('same name', holdings);
  }

  #sameTag(): void {
    const syncId = uuid(this.#random);
    const owners = this.#several();
    const holdings = owners.map((owner, at) => {
      const tag = `SyncId=${syncId};CreatedBy=${owners[0]};LastUpdatedAt=2025-11-03T09:00:00Z;LastUpdatedBy=${owner}`;
      const text = at === 0 ? 'Prefers tea.\n' : '';
      return this.#add(owner, { ...this.#somebody(), personalNotes: `${text}${tag}` });
    });
    this.#note('same tag', holdings);
  }

  #namesakes(): void {
    const [one = '', other = ''] = this.#several();
    const { emailAddresses, ...rest } = this.#somebody();
    const name = this.#named();
    this.#note('namesakes', [this.#add(one, { ...rest, ...name, emailAddresses }), this.#add(other, name)]);
  }

  #twice(): void {
    const [one = '', other = ''] = this.#several();
    const mailed = this.#somebody();
    const again = { ...mailed, displayName: `${mailed.displayName} (old)` };
    const byAddress = [this.#add(one, mailed), this.#add(one, again), this.#add(other, mailed)];
    this.#note('twice by address', byAddress);
    const name = this.#named();
    this.#note(
      'twice by name',
      [one, one, other].map((owner) => this.#add(owner, name)),
    );
  }

  #twoInOne(): void {
    const [one = '', other = ''] = this.#several();
    const [first, second] = [this.#somebody(), this.#somebody()];
    const emailAddresses = [...first.emailAddresses, ...second.emailAddresses];
    const both = this.#add(one, { ...this.#named(), emailAddresses });
    this.#note('two in one', [both, this.#add(other, first), this.#add(other, second)]);
  }

  #private(): void {
    const { mailboxes } = this.#tenant;
    const [one = ''] = this.#several();
    const locked = this.#add(one, this.#somebody());
    mailboxes.setSensitivity(one, locked.item, 'private');
    this.#note('locked', [locked]);
    const categories = ['Blue', PRIVATE_CATEGORY];
    this.#note('in a category', [this.#add(one, { ...this.#somebody(), categories })]);
    const folder = mailboxes.get(one).folderNamed(PRIVATE_FOLDER) ?? mailboxes.addFolder(one, PRIVATE_FOLDER);
    this.#note('in a folder', [this.#add(one, this.#somebody(), folder)]);
  }

  /** Two or three members in any order. */
  #several(): string[] {
    const rest = this.#members.map(({ id }) => id);
    const count = Math.min(rest.length, 2 + integer(this.#random, 2));
    return Array.from({ length: count }, () => rest.splice(integer(this.#random, rest.length), 1)[0] ?? '');
  }

  #named(): { displayName: string; givenName: string; surname: string } {
    const { givenName, surname } = person(this.#random, (this.#number += 1), false);
    const last = `${surname} ${this.#number}`;
    return { displayName: `${givenName} ${last}`, givenName: givenName ?? '', surname: last };
  }

  /** With an address, a number and, often, a note. */
  #somebody() {
    const name = this.#named();
    const address = `acquaintance${this.#number}@fabrikam.example`;
    return {
      ...name,
      companyName: 'Fabrikam "North"',
      businessPhones: [`+1 (425) 555 ${this.#number}`],
      emailAddresses: [{ name: name.displayName, address }] as [{ name: string; address: string }],
      personalNotes: pick(this.#random, [null, null, 'Met in Köln', 'Two lines\nof text']),
    };
  }

  #add(owner: string, fields: Fields, folder?: Folder): { owner: string; item: Item } {
    return { owner, item: this.#tenant.mailboxes.addContact(owner, fields, folder) };
  }

  #note(kind: AcquaintanceKind, holdings: Acquaintance['holdings']): void {
    this.#made.push({ kind, holdings });
  }
}
