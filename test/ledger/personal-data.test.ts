import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprint } from '../../src/model/card.ts';
import { openLedgerFile } from '../../src/ledger/open.ts';
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
function traces(card: (typeof people)[number]): string[] {
  const { emailAddresses, businessPhones, ...texts } = card;
  const found = [...Object.values(texts), ...businessPhones, ...emailAddresses.map((email) => email.address)];
  return found.flatMap((text) => [text, text.replaceAll(' ', '')]);
}

test('no name, number or address of anybody lies in the bytes of the ledger', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'ledger-'));
  try {
    const ledger = await openLedgerFile({ path: joinPath(folder, 'ledger.db') });
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
    // While it is open, so that what is only in the write-ahead log is seen too.
    const files = readdirSync(folder).map((name) => readFileSync(joinPath(folder, name)));
    const seen = (text: string): boolean =>
      files.some((bytes) =>
        (['utf8', 'utf16le'] as const).some((encoding) => bytes.includes(Buffer.from(text, encoding))),
      );
    // The search finds what is there.
    expect(files.length).toBeGreaterThan(1);
    expect(seen('person-1')).toBe(true);
    expect(seen('Company Directory')).toBe(true);
    const searched = people.flatMap(traces);
    expect(searched.length).toBeGreaterThan(20);
    for (const text of searched) expect(seen(text), text).toBe(false);
    await ledger.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
