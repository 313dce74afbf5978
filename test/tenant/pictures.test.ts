import { describe, expect, it } from 'vitest';
import { departure } from './http/schema.ts';
import { serveTenant } from './serve.ts';
import { makeFolder, marks, probe, type Probe } from './probe.ts';

const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0x00, 0x80, 0xfe, 0xff, 0xd9);
const base64 = Buffer.from(jpeg).toString('base64');
const picture = { bytes: jpeg, width: 240, height: 240 };

async function contact(on: Probe): Promise<string> {
  const contacts = await makeFolder(on, on.owner().id);
  const made = await on.ask('POST', contacts, { body: { displayName: 'Ada', ...marks('u1') } });
  return `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
}

const put = (url: string, body: string, type: string = 'image/jpeg'): Record<string, unknown> => ({
  id: '1',
  method: 'PUT',
  url,
  headers: { 'Content-Type': type },
  body,
});

describe('pictures of people', () => {
  it('tell by their tag that they are new, also when the bytes are the same', async () => {
    const { tenant, ask } = probe();
    const user = tenant.directory.addUser();
    tenant.photos.set(user.id, picture);
    const first = await ask('GET', `users/${user.id}/photo`);
    expect(first.body).toMatchObject({ id: '240X240', width: 240, '@odata.mediaContentType': 'image/jpeg' });
    expect(departure('profilePhoto', first.body)).toBeUndefined();
    expect((await ask('GET', `users/${user.id}/photo`)).body).toEqual(first.body);
    tenant.photos.set(user.id, picture);
    expect((await ask('GET', `users/${user.id}/photo`)).body['@odata.mediaEtag']).not.toBe(
      first.body['@odata.mediaEtag'],
    );
  });

  it('come as a base64 string in a batch, and as bytes alone', async () => {
    const { tenant, batch } = probe();
    const user = tenant.directory.addUser();
    tenant.photos.set(user.id, picture);
    const url = `users/${user.id}/photo/$value`;
    const part = (await batch([{ id: '1', method: 'GET', url }])).parts.get('1');
    expect(part).toMatchObject({ status: 200, body: base64, headers: { 'Content-Type': 'image/jpeg' } });
    const served = await serveTenant(tenant);
    try {
      const answer = await fetch(`${served.origin}/v1.0/${url}`);
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(jpeg);
    } finally {
      await served.close();
    }
  });

  it.each(['ImageNotFound', 'ErrorItemNotFound', '1x1'] as const)('may be missing as %s', async (noPhoto) => {
    const { tenant, ask } = probe({ switches: { noPhoto } });
    const path = `users/${tenant.directory.addUser().id}/photo`;
    expect((await ask('GET', `${path}/$value`)).status).toBe(404);
    const metadata = await ask('GET', path);
    if (noPhoto === '1x1') expect(metadata.body).toMatchObject({ id: '1x1', '@odata.mediaEtag': '' });
    else expect(metadata).toMatchObject({ status: 404, code: noPhoto });
  });

  it('are offered in squares up to what was uploaded', async () => {
    const { tenant, ask } = probe();
    const user = tenant.directory.addUser();
    tenant.photos.set(user.id, picture);
    const { value } = await ask('GET', `users/${user.id}/photos`);
    expect(value.map(({ id }) => id)).toEqual(['48x48', '64x64', '96x96', '120x120', '240x240']);
    expect((await ask('GET', `users/${user.id}/photos/96x96`)).body).toMatchObject({ width: 96 });
    expect((await ask('GET', `users/${user.id}/photos/648x648`)).status).toBe(404);
    expect((await ask('GET', `users/${user.id}/photos/100x100`)).status).toBe(400);
  });

  it('show neither in delta nor, unless the switch says so, in notifications', async () => {
    const { tenant, ask } = probe();
    const user = tenant.directory.addUser();
    const first = await ask('GET', 'users/delta');
    tenant.photos.set(user.id, picture);
    tenant.photos.remove(user.id);
    expect((await ask('GET', String(first.deltaLink))).value).toEqual([]);
    expect((await ask('GET', `users/${user.id}/photo`)).status).toBe(404);
  });
});

describe('pictures of contacts', () => {
  it('are written in a batch, and read again', async () => {
    const on = probe();
    const one = await contact(on);
    expect((await on.ask('GET', `${one}/photo/$value`)).status).toBe(404);
    const before = await on.ask('GET', one);
    expect((await on.batch([put(`${one}/photo/$value`, base64)])).parts.get('1')?.status).toBe(200);
    const read = await on.batch([{ id: '1', method: 'GET', url: `${one}/photo/$value` }]);
    expect(read.parts.get('1')?.body).toBe(base64);
    expect((await on.ask('GET', one)).body['changeKey']).not.toBe(before.body['changeKey']);
    const other = probe({ switches: { photoTouchesContact: false } });
    const quiet = await contact(other);
    const { body } = await other.ask('GET', quiet);
    await other.batch([put(`${quiet}/photo/$value`, Buffer.from(jpeg).toString('base64url'))]);
    expect((await other.ask('GET', quiet)).body['changeKey']).toBe(body['changeKey']);
  });

  it('are refused when they are no JPEG, too large, or to be removed', async () => {
    const on = probe();
    const one = await contact(on);
    const status = async (part: Record<string, unknown>): Promise<unknown> =>
      (await on.batch([part])).parts.get('1')?.status;
    const png = Buffer.of(0x89, 0x50, 0x4e, 0x47).toString('base64');
    expect(await status(put(`${one}/photo/$value`, png))).toBe(400);
    expect(await status(put(`${one}/photo/$value`, base64, 'image/png'))).toBe(415);
    expect(await status(put(`${one}/photo/$value`, 'no picture!'))).toBe(400);
    expect(await status({ id: '1', method: 'DELETE', url: `${one}/photo` })).toBe(405);
    expect(await status({ id: '1', method: 'DELETE', url: `${one}/photo/$value` })).toBe(405);
  });
});
