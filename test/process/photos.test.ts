import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contactWrites, total } from '../tenant/counts.ts';
import { MAILBOXES } from './household.ts';
import { openMappedHousehold, type MappedHousehold } from './mapped-household.ts';
import { until } from './until.ts';

const PICTURE = 'users/{id}/contactFolders/{folder}/contacts/{contact}/photo/$value';

let all: MappedHousehold;
beforeEach(async () => {
  all = await openMappedHousehold();
});
afterEach(async () => {
  await all.home.untilQuiet();
  expect(all.home.compare()).toMatchObject({ divergences: [], duplicates: 0, foreignTouched: 0 });
  expect(all.home.tenant.oracles.violations).toEqual([]);
  await all.home.close();
});

async function upload(person: string, background: string): Promise<void> {
  const bytes = await sharp({ create: { width: 640, height: 480, channels: 3, background } })
    .png()
    .toBuffer();
  all.home.tenant.photos.set(person, { bytes, width: 640, height: 480 });
}

const picturesOf = (person: string): (Uint8Array | undefined)[] =>
  all.owners.map((owner) => all.home.contactOf(owner, person).content.photo);

/** The colour in the middle of every mailbox's picture of somebody, `none` where there is none. */
async function coloursOf(person: string): Promise<string[]> {
  return Promise.all(
    picturesOf(person).map(async (picture) => {
      if (!picture) return 'none';
      const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
      const [red = 0, green = 0, blue = 0] = data.subarray(3 * (info.width * 120 + 120));
      return red > 200 ? 'red' : blue > 200 ? 'blue' : `${red} ${green} ${blue}`;
    }),
  );
}

/** A contact that loses its picture is made anew: for a moment there is none. */
async function untilColour(person: string, colour: string): Promise<void> {
  const wanted = Array.from({ length: MAILBOXES }, () => colour).join();
  await until(async () => (await coloursOf(person).catch(() => [])).join() === wanted, {
    else: () => JSON.stringify(picturesOf(person).map((picture) => picture?.length)),
  });
}

/** The nightly sweep, and the hour in which it looks at pictures. */
async function night(): Promise<void> {
  const { home } = all;
  const { lastSweep } = await home.status();
  const looks = (): number => total(home.tenant.counts, 'GET users/{id}/photo');
  const looked = looks();
  await home.leap(24 * 3_600_000);
  await until(async () => (await home.status()).lastSweep !== lastSweep);
  // The round is asked for with the sweep of the night, which may be the second one after a keeper's first.
  await until(() => looks() > looked);
  await home.untilQuiet();
}

describe('pictures', () => {
  test('of a first fill, of a newcomer, and of nobody who has none', async () => {
    const [first, second] = [all.home.somebody(), all.home.somebody()];
    await upload(first.id, 'red');
    await all.run({ photos: true });
    await untilColour(first.id, 'red');
    expect(await coloursOf(second.id)).toEqual(['none', 'none', 'none']);
    const [picture] = picturesOf(first.id);
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'jpeg', width: 240, height: 240 });
    const { directory } = all.home.tenant;
    const newcomer = directory.addUser({
      displayName: 'New Comer',
      surname: 'Comer',
      mail: 'new.comer@contoso.example',
    });
    await upload(newcomer.id, 'blue');
    directory.addMember(all.home.population.source.id, newcomer.id);
    await all.home.untilRight();
    await untilColour(newcomer.id, 'blue');
  });

  test('another one is found by the nightly round, read once, and written where the person is shown', async () => {
    const { id } = all.home.somebody();
    await upload(id, 'red');
    await all.run({ photos: { pixels: 240 } });
    await untilColour(id, 'red');
    await all.home.untilQuiet();
    const counts = await all.counted(async () => {
      await upload(id, 'blue');
      await night();
      await untilColour(id, 'blue');
    });
    expect(total(counts, 'GET users/{id}/photo/$value')).toBe(1);
    expect(total(counts, `PATCH ${PICTURE}`)).toBe(MAILBOXES);
    expect(contactWrites(counts)).toBe(MAILBOXES);
  });

  test('the same bytes under another tag are not written', async () => {
    const { id } = all.home.somebody();
    await upload(id, 'red');
    await all.run({ photos: true });
    await untilColour(id, 'red');
    await all.home.untilQuiet();
    const counts = await all.counted(async () => {
      await upload(id, 'red');
      await night();
      await night();
    });
    // The second night knows the new tag.
    expect(total(counts, 'GET users/{id}/photo/$value')).toBe(1);
    expect(total(counts, 'GET users/{id}/photo')).toBeGreaterThan(all.contacts / MAILBOXES);
    expect(contactWrites(counts)).toBe(0);
  });

  test('one that is taken away is gone from every mailbox, and the contact stays one', async () => {
    const { id } = all.home.somebody();
    await upload(id, 'red');
    await all.run({ photos: true });
    await untilColour(id, 'red');
    all.home.tenant.photos.remove(id);
    await night();
    await untilColour(id, 'none');
    await all.untilFilled();
  });

  test('switched off again, what stands in the contacts stays, and nothing is written', async () => {
    const { id } = all.home.somebody();
    await upload(id, 'red');
    await all.run({ photos: true });
    await untilColour(id, 'red');
    await all.home.untilQuiet();
    const counts = await all.counted(async () => {
      await all.run({});
      await all.home.untilQuiet();
    });
    expect(contactWrites(counts)).toBe(0);
    expect(await coloursOf(id)).toEqual(['red', 'red', 'red']);
  });

  test('of somebody who opts out goes with the notification about the group, and comes back with the next', async () => {
    const { home } = all;
    const { directory } = home.tenant;
    const privacy = directory.addGroup({ displayName: 'No pictures' });
    const optOut = [{ fields: ['photo'], groups: [privacy.id] }];
    const [member, newcomer] = [home.somebody(), home.somebody()];
    await upload(member.id, 'red');
    await upload(newcomer.id, 'blue');
    directory.addMember(privacy.id, newcomer.id);
    await all.run({ photos: true, optOut });
    await untilColour(member.id, 'red');
    await home.untilQuiet();
    expect(await coloursOf(newcomer.id)).toEqual(['none', 'none', 'none']);
    directory.addMember(privacy.id, member.id);
    await untilColour(member.id, 'none');
    // Another picture is none of ours either.
    await upload(member.id, 'blue');
    await night();
    expect(await coloursOf(member.id)).toEqual(['none', 'none', 'none']);
    for (const { id } of [member, newcomer]) {
      directory.removeMember(privacy.id, id);
      await untilColour(id, 'blue');
    }
    // Configured later it holds as well, and dropped it gives back.
    directory.addMember(privacy.id, member.id);
    await untilColour(member.id, 'none');
    await all.run({ photos: true });
    await untilColour(member.id, 'blue');
    await all.run({ photos: true, optOut });
    await untilColour(member.id, 'none');
    await all.run({ photos: true });
    await untilColour(member.id, 'blue');
    await home.untilQuiet();
  });
});
