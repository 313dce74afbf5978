import type { LeftOut } from '../kit/config/scope.ts';
import type { Attribute, Person } from '../model/person.ts';
import type { Condition } from '../model/route.ts';

/** Not one of those that do not belong on a phone. */
export function isNot({ kind, asks, applies }: Default, knowsShared: boolean): Condition {
  const concerns = (person: Person): boolean => {
    if (person.kind !== 'user') return OF_CONTACTS.has(kind);
    return !(knowsShared && isSharedMailbox(person) && OF_SHARED_MAILBOXES.has(kind));
  };
  return { rule: kind, asks, meets: (person) => (concerns(person) ? !applies(person) : null) };
}

interface Default {
  readonly kind: LeftOut;
  readonly asks: string;
  readonly applies: (person: Person) => boolean;
  readonly reads: readonly Attribute[];
}

export const DEFAULTS: readonly Default[] = [
  // A guest is a colleague of somebody else.
  { kind: 'guests', asks: 'no guest', applies: isGuest, reads: [] },
  // Somebody who left; also what shared mailboxes, rooms and equipment sign in with, which is to say not at all.
  {
    kind: 'disabled',
    asks: 'the account is not disabled',
    applies: ({ accountEnabled }) => accountEnabled === false,
    reads: [],
  },
  // Never set means shown. What is hidden in Exchange alone does not stand here (deploy/scope.md).
  {
    kind: 'hidden',
    asks: 'showInAddressList is not false',
    applies: ({ showInAddressList }) => showInAddressList === false,
    reads: ['showInAddressList'],
  },
  // A contact that can neither be called nor written to.
  {
    kind: 'unreachable',
    asks: 'mail, mobilePhone or businessPhones is set',
    applies: ({ mail, mobilePhone, businessPhones }) => ![mail, mobilePhone, ...businessPhones].some(isSet),
    reads: ['mail', 'mobilePhone', 'businessPhones'],
  },
  // Nobody hands out a licence or a name to a scanner, a script or a room.
  {
    kind: 'service-accounts',
    asks: 'a licence is assigned, or givenName or surname is set',
    applies: ({ licences, givenName, surname }) => licences === 0 && !isSet(givenName) && !isSet(surname),
    reads: ['givenName', 'surname'],
  },
];

/** All that can be said of somebody without an account, or of a group; such contacts often have no name but that of a company. */
const OF_CONTACTS: ReadonlySet<LeftOut> = new Set<LeftOut>(['unreachable']);

/** What shared mailboxes are by nature: nobody signs in with one, and it has no name of a person. */
const OF_SHARED_MAILBOXES: ReadonlySet<LeftOut> = new Set<LeftOut>(['disabled', 'service-accounts']);

function isSharedMailbox({ mailboxPurpose }: Person): boolean {
  return mailboxPurpose === 'shared';
}

export function isGuest({ userType }: Person): boolean {
  return userType?.toLowerCase() === 'guest';
}

function isSet(value: string | null): boolean {
  return (value?.trim() ?? '') !== '';
}
