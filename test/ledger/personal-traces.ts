import { fingerprint } from '../../src/model/card.ts';
import type { Ledger } from '../../src/engine/ledger-port.ts';
import { join, linkTo, saveRoute, TENANT } from '../contracts/ledger-setup.ts';

const people = [
  ['Grethe', 'Sundby-Aas', '+47 912 34 567', 'grethe.sundby@fjord.example', 'Tidal Engineering'],
  ['Zoltán', 'Őrkényi', '+36 20 555 0199', 'zoltan@fjord.example', 'Ügyfélszolgálat'],
].map(([givenName = '', surname = '', phone = '', address = '', department = '']) => ({
  displayName: `${givenName} ${surname}`,
  givenName,
  surname,
  jobTitle: 'Hydrologist',
  department,
  companyName: 'Fjord & Sons',
  emailAddresses: [{ name: `${givenName} ${surname}`, address }],
  mobilePhone: phone,
  businessPhones: ['+47 22 11 00 99'],
}));

/** Everything a person might be recognised by, as text would lie in a file. */
function tracesOf(card: (typeof people)[number]): string[] {
  const { emailAddresses, businessPhones, ...texts } = card;
  const found = [...Object.values(texts), ...businessPhones, ...emailAddresses.map((email) => email.address)];
  return found.flatMap((text) => [text, text.replaceAll(' ', '')]);
}

/** Everything that must not be found. */
export const traces = people.flatMap(tracesOf);
/** What lies there for certain: a search that does not find it is no search. */
export const certain = ['person-1', 'Company Directory'];

/** People, their links, and a removal that is held. */
export async function storePeople(ledger: Ledger): Promise<void> {
  const key = Buffer.alloc(32, 7);
  const route = await saveRoute(ledger);
  const place = await join(ledger, route, 'owner');
  const findings = people.map((card, index) => ({
    identity: `person-${index}`,
    route: route.key,
    fingerprint: fingerprint(key, card),
    state: 'shown' as const,
  }));
  const cards = await ledger.cards.record(TENANT, findings);
  await ledger.links.save({ put: cards.map((card) => linkTo(card, place)) });
  await ledger.guard.admit({
    job: 'staff',
    kind: 'person',
    tenant: TENANT,
    subjects: ['person-0'],
    limits: { count: 0, percent: 0 },
    scope: 2,
    now: 1,
  });
}

/** Which of the texts lie in the bytes of one of the files. */
export function found(texts: readonly string[], files: readonly Buffer[]): string[] {
  return texts.filter((text) =>
    files.some((bytes) =>
      (['utf8', 'utf16le'] as const).some((encoding) => bytes.includes(Buffer.from(text, encoding))),
    ),
  );
}
