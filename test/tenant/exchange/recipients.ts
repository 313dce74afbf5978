import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import { integer } from '../../kit/seeded-random.ts';
import type { Directory } from '../directory/directory.ts';
import type { User } from '../directory/objects.ts';
import type { MailContact, OtherRecipient } from './contact.ts';
import type { ExchangeSwitches } from './options.ts';

interface Version {
  readonly at: number;
  /** Null: removed. */
  readonly value: MailContact | null;
}

interface RecipientsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly switches: ExchangeSwitches;
  /** How far a read of the directory may be behind, in milliseconds. */
  readonly staleMs: number;
}

/** What somebody puts there who is not the app under test. */
export type Furnishing = Partial<Omit<MailContact, 'guid' | 'createdAt' | 'changedAt'>> &
  Pick<MailContact, 'name' | 'address'>;

/** Everything in the organisation that has an address, as it is and as a lagging server shows it. */
export class Recipients {
  readonly #options: RecipientsOptions;
  readonly #contacts = new Map<string, Version[]>();
  readonly #released: { readonly address: string; readonly until: number }[] = [];
  readonly groups: OtherRecipient[] = [];

  constructor(options: RecipientsOptions) {
    this.#options = options;
  }

  /** The truth. */
  contacts(): MailContact[] {
    return [...this.#contacts.values()].flatMap((versions) => versions.at(-1)?.value ?? []);
  }

  get(guid: string): MailContact | null {
    return this.#contacts.get(guid)?.at(-1)?.value ?? null;
  }

  /** What the server sees that answers this request: it is behind by some of `lagMs`. */
  view(): MailContact[] {
    const { clock, random, switches } = this.#options;
    const behind = switches.lagMs === 0 ? 0 : integer(random, switches.lagMs + 1);
    const seenAt = clock.now() - behind;
    return [...this.#contacts.values()].flatMap(
      (versions) => versions.findLast(({ at }) => at <= seenAt)?.value ?? [],
    );
  }

  /** Users with addresses are recipients as well, guests among them. */
  others(): OtherRecipient[] {
    const users = this.#options.directory.people().map(recipientOf);
    return [...users.filter(({ addresses }) => addresses.length > 0), ...this.groups];
  }

  /** Whoever has the address, or had it until a moment ago; null: nobody. */
  holder(address: string, except: string | null): string | null {
    const wanted = address.toLowerCase();
    const contact = this.contacts().find(
      (one) => one.guid !== except && one.address.toLowerCase() === wanted,
    );
    if (contact) return contact.name;
    const other = this.others().find(({ addresses }) =>
      addresses.some((one) => one.toLowerCase() === wanted),
    );
    if (other) return other.name;
    const now = this.#options.clock.now();
    return this.#released.some((one) => one.address === wanted && one.until > now) ? '' : null;
  }

  /**
   * A user or guest of the tenant to whom this address means something, also where Exchange does not know it. Whoever came
   * within the time that a read of the directory may be behind is nobody that a client can know of.
   */
  userOf(address: string, staleMs = this.#options.staleMs): User | undefined {
    const wanted = address.toLowerCase();
    const { clock, directory } = this.#options;
    return directory
      .people()
      .filter(({ createdDateTime }) => Date.parse(createdDateTime) + staleMs <= clock.now())
      .find(({ mail, otherMails, proxyAddresses }) =>
        [mail, ...otherMails, ...proxyAddresses.map((one) => one.replace(/^smtp:/i, ''))].some(
          (one) => one?.toLowerCase() === wanted,
        ),
      );
  }

  /** Puts something there on behalf of somebody else. */
  furnish(given: Furnishing): MailContact {
    return this.create({ foreign: true, adoptable: false, ...given });
  }

  create(given: Furnishing): MailContact {
    const at = this.#options.clock.now();
    const made: MailContact = {
      alias: given.name,
      displayName: given.name,
      custom: {},
      hidden: false,
      personal: {},
      otherTelephone: [],
      manager: null,
      isDirSynced: false,
      foreign: false,
      adoptable: false,
      ...given,
      guid: uuid(this.#options.random),
      createdAt: at,
      changedAt: at,
    };
    this.#contacts.set(made.guid, [{ at, value: made }]);
    return made;
  }

  change(guid: string, patch: Partial<MailContact>): MailContact {
    const before = this.get(guid);
    if (before === null) throw new Error(`No contact ${guid} to change.`);
    const at = this.#options.clock.now();
    const value: MailContact = { ...before, ...patch, guid, changedAt: at };
    if (before.address !== value.address) this.#release(before.address);
    this.#contacts.get(guid)?.push({ at, value });
    return value;
  }

  remove(guid: string): void {
    const before = this.get(guid);
    if (before === null) return;
    this.#release(before.address);
    this.#contacts.get(guid)?.push({ at: this.#options.clock.now(), value: null });
    // Whoever reported to it reports to nobody.
    for (const one of this.contacts()) if (one.manager === guid) this.change(one.guid, { manager: null });
  }

  #release(address: string): void {
    const { clock, switches } = this.#options;
    if (switches.releaseMs > 0)
      this.#released.push({ address: address.toLowerCase(), until: clock.now() + switches.releaseMs });
  }
}

function recipientOf(user: User): OtherRecipient {
  const proxies = user.proxyAddresses.flatMap((one) => /^smtp:(.+)$/i.exec(one)?.[1] ?? []);
  const addresses = [...new Set([...(user.mail === null ? [] : [user.mail]), ...proxies])];
  const type =
    user.userType === 'Guest'
      ? 'GuestMailUser'
      : user.assignedLicenses.length > 0
        ? 'UserMailbox'
        : 'MailUser';
  return { guid: user.id, type, name: user.userPrincipalName, addresses, custom: {} };
}
