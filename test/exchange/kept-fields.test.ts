import { afterEach, describe, expect, test } from 'vitest';
import type { User } from '../tenant/directory/objects.ts';
import { openPair, type Pair } from './pair.ts';

let pair: Pair;
afterEach(() => pair.close());

const never = new AbortController().signal;
const KEEP = ['mobilePhone', 'jobTitle', 'businessAddress', 'customAttribute3'];
const FIELDS = { customAttribute3: 'extensionAttribute3' };

/** Nothing of what is kept stands in the directory. */
const EMPTY: Partial<User> = {
  mobilePhone: null,
  jobTitle: null,
  department: null,
  streetAddress: null,
  city: null,
  state: null,
  postalCode: null,
  country: null,
};

describe('fields that are kept where the directory has nothing', () => {
  test('stay as somebody wrote them there, and the others are cleared', async () => {
    pair = await openPair({ job: { keep: KEEP, fields: FIELDS } });
    const { id } = pair.somebody();
    pair.contoso.directory.updateUser(id, EMPTY);
    await pair.sync();
    const byHand = { MobilePhone: '+49 30 1', Title: 'Their own words', Department: 'Also by hand' };
    const { recipients } = pair.fabrikam.exchange;
    const guid = pair.contactOf({ id })?.guid ?? '';
    const before = pair.contactOf({ id });
    recipients.change(guid, {
      personal: { ...before?.personal, ...byHand, City: 'Ulm' },
      custom: { ...before?.custom, CustomAttribute3: 'VIP' },
    });
    const first = await pair.with((service) => service.audit(never, { full: true }));
    expect(first.equal).toBe(true);
    const { Department: _cleared, ...kept } = byHand;
    expect(pair.contactOf({ id })?.personal).toMatchObject({ ...kept, City: 'Ulm' });
    expect(pair.contactOf({ id })?.personal).not.toHaveProperty('Department');
    expect(pair.contactOf({ id })?.custom['CustomAttribute3']).toBe('VIP');
    // It is known as it stands there: nothing is found any more, and nothing is written.
    const second = await pair.with((service) => service.audit(never, { full: true }));
    expect(second.mailboxes[0]?.found).toMatchObject({ changed: 0 });
    expect((await pair.sync()).writes).toBe(0);
  });

  test('are filled as soon as the directory has something, and keep it when it has nothing again', async () => {
    pair = await openPair({ job: { keep: KEEP, fields: FIELDS } });
    const { id } = pair.somebody();
    const title = (): string | undefined => pair.contactOf({ id })?.personal.Title;
    await pair.sync();
    pair.contoso.directory.updateUser(id, { jobTitle: 'Nurse' });
    await pair.sync();
    expect(title()).toBe('Nurse');
    pair.contoso.directory.updateUser(id, { jobTitle: null });
    await pair.sync();
    expect(title()).toBe('Nurse');
    // Kept no longer, it is cleared.
    await pair.sync({ job: { fields: FIELDS } });
    expect(title()).toBeUndefined();
    expect(pair.compare()).toMatchObject({ divergences: [], duplicates: 0 });
  });

  test('are cleared all the same where their person has them withheld', async () => {
    pair = await openPair({ job: { keep: KEEP, fields: FIELDS } });
    const { id } = pair.somebody();
    pair.contoso.directory.updateUser(id, { mobilePhone: '+49 151 7654321' });
    await pair.sync();
    const discreet = pair.contoso.directory.addGroup({ displayName: 'Discreet' });
    pair.contoso.directory.addMember(discreet.id, id);
    const optOut = [{ fields: ['mobilePhone'], groups: [discreet.id] }];
    await pair.sync({ job: { keep: KEEP, fields: FIELDS, optOut } });
    expect(pair.contactOf({ id })?.personal).not.toHaveProperty('MobilePhone');
  });
});
