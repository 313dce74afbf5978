import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import { History } from './history.ts';
import type { DirectoryChange } from './objects.ts';

/** Somebody outside whom the organisation keeps in its address book; no account. */
export interface OrgContact {
  readonly id: string;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly mail: string | null;
  readonly mailNickname: string | null;
  readonly proxyAddresses: readonly string[];
  readonly phones: readonly {
    readonly type: 'business' | 'mobile' | 'businessFax';
    readonly number: string | null;
  }[];
  readonly addresses: readonly Readonly<
    Record<'city' | 'countryOrRegion' | 'officeLocation' | 'postalCode' | 'state' | 'street', string | null>
  >[];
}

interface OrgContactsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly staleMs: number;
  readonly onChange: (change: DirectoryChange) => void;
}

/** Organisational contacts. Nobody can subscribe to them: only delta tells of changes. */
export class OrgContacts {
  readonly all = new Map<string, History<OrgContact>>();
  readonly #options: OrgContactsOptions;

  constructor(options: OrgContactsOptions) {
    this.#options = options;
  }

  add(partial: Partial<OrgContact> = {}): OrgContact {
    const id = partial.id ?? uuid(this.#options.random);
    if (this.all.has(id)) throw new Error(`Contact ${id} exists`);
    const contact = { ...empty, ...partial, id };
    this.all.set(id, new History({ at: this.#options.clock.now(), value: contact, presence: 'live' }));
    this.#report(id, undefined);
    return contact;
  }

  update(id: string, patch: Partial<Omit<OrgContact, 'id'>>): OrgContact {
    const history = this.#live(id);
    const contact = { ...history.current.value, ...patch };
    this.#write(history, { value: contact, presence: 'live' });
    this.#report(id, Object.keys(patch));
    return contact;
  }

  /** At once and for good: contacts are not among the things that can be restored (learn.microsoft.com/graph/api/resources/directory). */
  remove(id: string): void {
    const history = this.#live(id);
    this.#write(history, { value: history.current.value, presence: 'hard' });
    this.#report(id, undefined, 'deleted');
  }

  #live(id: string): History<OrgContact> {
    const history = this.all.get(id);
    if (history?.current.presence !== 'live') throw new Error(`Contact ${id} is not there`);
    return history;
  }

  #write(history: History<OrgContact>, to: { value: OrgContact; presence: 'live' | 'hard' }): void {
    const at = this.#options.clock.now();
    history.write({ at, ...to }, at - this.#options.staleMs);
  }

  #report(
    id: string,
    properties: readonly string[] | undefined,
    changeType: DirectoryChange['changeType'] = 'updated',
  ): void {
    const version = (this.all.get(id) as History<OrgContact>).current;
    this.#options.onChange({ collection: 'contacts', id, version, properties, members: [], changeType });
  }
}

const empty: Omit<OrgContact, 'id'> = {
  displayName: null,
  givenName: null,
  surname: null,
  jobTitle: null,
  department: null,
  companyName: null,
  mail: null,
  mailNickname: null,
  proxyAddresses: [],
  phones: [],
  addresses: [],
};
