import { describe, expect, it } from 'vitest';
import { makeFolder, marks, probe, type Probe, type Told } from './probe.ts';

const IMMUTABLE = { Prefer: 'IdType="ImmutableId"' };

async function scene(on: Probe, people = 3): Promise<{ contacts: string; owner: string; ids: string[] }> {
  const owner = on.owner().id;
  const contacts = await makeFolder(on, owner);
  const ids: string[] = [];
  for (let n = 0; n < people; n += 1) {
    const made = await on.ask('POST', contacts, {
      body: { displayName: `C${n}`, ...marks(`u${n}`) },
      headers: IMMUTABLE,
    });
    ids.push(String(made.body['id']));
  }
  return { contacts, owner, ids };
}

const start = (on: Probe, contacts: string): Promise<Told> =>
  on.ask('GET', `${contacts}/delta?$select=displayName`, { headers: IMMUTABLE });
const next = (on: Probe, page: Told): Promise<Told> =>
  on.ask('GET', page.deltaLink ?? page.nextLink ?? '', { headers: IMMUTABLE });

describe('contacts delta', () => {
  it('lists the folder, then what anybody added, changed or took out of it', async () => {
    const on = probe();
    const { contacts, owner, ids } = await scene(on);
    const first = await start(on, contacts);
    expect(first.value.map((item) => [item['id'], item['displayName']])).toEqual(
      ids.map((id, n) => [id, `C${n}`]),
    );
    const quiet = await next(on, first);
    expect(quiet.value).toEqual([]);
    const { mailboxes } = on.tenant;
    const folder = mailboxes.get(owner).folderNamed('Company Directory');
    const [edited, moved, deleted] = [...(folder?.items.values() ?? [])];
    if (!folder || !edited || !moved || !deleted) throw new Error('The scene is not set.');
    mailboxes.editContact(owner, edited, { displayName: 'Edited' });
    mailboxes.moveContact(owner, moved, mailboxes.get(owner).contacts);
    mailboxes.deleteContact(owner, deleted);
    mailboxes.copyContact(owner, edited);
    await on.ask('PATCH', `${contacts}/${ids[0]}`, { body: { jobTitle: 'By the client' } });
    const changes = await next(on, quiet);
    expect(changes.value).toEqual([
      expect.objectContaining({ id: ids[0], displayName: 'Edited' }),
      expect.objectContaining({ displayName: 'Edited' }),
      { id: ids[1], '@removed': { reason: 'deleted' } },
      { id: ids[2], '@removed': { reason: 'deleted' } },
    ]);
    expect(changes.value[0]).not.toHaveProperty('jobTitle');
    mailboxes.moveContact(owner, moved, folder);
    const back = await next(on, changes);
    expect(back.value.map((item) => item['id'])).toEqual([ids[1]]);
  });

  it('comes in pages of the size that is asked for, and forgets its tokens', async () => {
    const on = probe();
    const { contacts, owner } = await scene(on, 5);
    const headers = { Prefer: 'IdType="ImmutableId", odata.maxpagesize=2' };
    let page = await on.ask('GET', `${contacts}/delta`, { headers });
    const sizes = [page.value.length];
    while (page.nextLink !== undefined) sizes.push((page = await next(on, page)).value.length);
    expect(sizes).toEqual([2, 2, 1]);
    on.tenant.mailboxes.get(owner).forgotten += 1;
    expect(await next(on, page)).toMatchObject({ status: 410, code: 'SyncStateNotFound' });
  });

  it('refuses what is not documented for it, and a folder that is gone', async () => {
    const on = probe();
    const { contacts, owner } = await scene(on);
    for (const query of [
      '$expand=extensions',
      '$top=5',
      '$filter=id',
      '$deltatoken=latest',
      '$select=nickname',
    ])
      expect((await on.ask('GET', `${contacts}/delta?${query}`)).status).toBe(400);
    const page = await start(on, contacts);
    const folder = on.tenant.mailboxes.get(owner).folderNamed('Company Directory');
    if (folder) on.tenant.mailboxes.deleteFolder(owner, folder);
    expect(await next(on, page)).toMatchObject({ status: 404, code: 'ErrorItemNotFound' });
  });

  it('may be absent, and may name items by their regular ids', async () => {
    const absent = probe({ switches: { contactDelta: 'absent' } });
    expect((await start(absent, (await scene(absent)).contacts)).status).toBe(400);
    const regular = probe({ switches: { contactDeltaIds: 'regular' } });
    const { contacts, ids } = await scene(regular);
    const page = await start(regular, contacts);
    expect(page.value.map((item) => item['id'])).not.toContain(ids[0]);
    expect((await regular.ask('GET', `${contacts}/${String(page.value[0]?.['id'])}`)).status).toBe(200);
  });

  it('may come from a replica that is behind, as may a contact and a listing; a later round tells the rest', async () => {
    const on = probe({ switches: { mailboxStaleMs: 30_000 } });
    const { contacts, owner, ids } = await scene(on);
    await on.clock.run(on.clock.now() + 60_000);
    const first = await start(on, contacts);
    const { mailboxes } = on.tenant;
    const [edited, deleted] = [
      ...(mailboxes.get(owner).folderNamed('Company Directory')?.items.values() ?? []),
    ];
    if (!edited || !deleted) throw new Error('The scene is not set.');
    mailboxes.editContact(owner, edited, { displayName: 'Edited' });
    mailboxes.deleteContact(owner, deleted);
    on.tenant.setFaults({ staleRead: 1 });
    const one = await on.ask('GET', `${contacts}/${ids[0]}`, { headers: IMMUTABLE });
    expect(one.body['displayName']).toBe('C0');
    const all = await on.ask('GET', contacts, { headers: IMMUTABLE });
    expect(new Set(all.value.map((item) => item['displayName']))).toEqual(new Set(['C0', 'C1', 'C2']));
    expect(all.value).toHaveLength(3);
    const behind = await next(on, first);
    expect(behind.value).toEqual([]);
    expect(on.tenant.faultCounts.get('staleRead')).toBe(3);
    on.tenant.setFaults({});
    expect((await next(on, behind)).value).toEqual([
      expect.objectContaining({ id: ids[0], displayName: 'Edited' }),
      { id: ids[1], '@removed': { reason: 'deleted' } },
    ]);
  });
});
