import { describe, expect, test } from 'vitest';
import { createContact, readContact } from '../../src/graph/contacts.ts';
import { createFolder, readFolder } from '../../src/graph/folders.ts';
import { putContactPhoto, readPhoto, readPhotoTag } from '../../src/graph/photos.ts';
import { createPersonPictures } from '../../src/sources/person-pictures.ts';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { driverOnTenant } from './driver-on-tenant.ts';

const JPEG = Uint8Array.of(0xff, 0xd8, 0xfb, 0xef, 0xff);
const answer = (body: unknown) => ({ status: 200, headers: {}, body });

describe('pictures, against the simulated tenant', () => {
  test('the tag changes with every upload, the bytes are the bytes, and none is none', async () => {
    const { tenant, packer, awaited } = await driverOnTenant();
    const { id } = tenant.directory.addUser({});
    const pictures = createPersonPictures(packer, new Set());
    const tagOf = async () => (await awaited(pictures.pictureTags([id]))).get(id);
    expect(await tagOf()).toEqual({ kind: 'tag', tag: null });
    const empty = await awaited(pictures.picture(id).then((bytes) => ({ bytes })));
    expect(empty.bytes).toBeNull();
    const picture = { bytes: JPEG, width: 240, height: 240 };
    tenant.photos.set(id, picture);
    const first = await tagOf();
    expect(first).toEqual({ kind: 'tag', tag: expect.stringContaining('240x240') });
    expect(await awaited(pictures.picture(id))).toEqual(Buffer.from(JPEG));
    tenant.photos.set(id, picture);
    expect(await tagOf()).not.toEqual(first);
  });

  test('a failed reading is no absence', async () => {
    const { tenant, packer, awaited } = await driverOnTenant();
    const { id } = tenant.directory.addUser({});
    tenant.setFaults({ unavailable503: 1 });
    const sightings = await awaited(createPersonPictures(packer, new Set()).pictureTags([id]));
    expect(sightings.get(id)).toMatchObject({ kind: 'unread' });
  });

  test('a contact gets a picture, and another one in its place', async () => {
    const { tenant, packer, awaited } = await driverOnTenant();
    const { id: mailbox } = tenant.directory.addUser({ assignedLicenses: [mailboxLicense] });
    const owner = { deployment: 'd1', route: 'staff' };
    const folders = await awaited(
      packer.call(createFolder({ mailbox }, owner, { name: 'F', generation: 1 })),
    );
    const place = { mailbox, folder: readFolder(folders, 'POST').folder };
    const mark = { ...owner, sourceId: 's1' };
    const made = await awaited(
      packer.call(createContact(place, { displayName: 'Ann' }, { mark, marks: 'both' })),
    );
    const { item } = readContact(made, { method: 'POST', fields: [] });
    for (const jpeg of [JPEG, Uint8Array.of(0xff, 0xd8, 1)]) {
      await awaited(packer.call(putContactPhoto({ ...place, item }, jpeg)));
      const [stored] = [...(tenant.mailboxes.get(mailbox).folderNamed('F')?.items.values() ?? [])];
      expect(stored?.content.photo).toEqual(Buffer.from(jpeg));
    }
    expect(tenant.oracles.violations).toEqual([]);
  });
});

test('one pixel without a tag is no picture; an answer without either is none at all', () => {
  expect(readPhotoTag(answer({ id: '1x1', '@odata.mediaEtag': '' }))).toBeNull();
  expect(readPhotoTag(answer({ id: '240X240', '@odata.mediaEtag': '"A"' }))).toBe('240x240 "A"');
  expect(() => readPhotoTag(answer({}))).toThrow(expect.objectContaining({ kind: 'unavailable' }));
  for (const body of ['', undefined, {}])
    expect(() => readPhoto(answer(body))).toThrow(expect.objectContaining({ kind: 'unavailable' }));
});
