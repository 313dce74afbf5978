import { describe, expect, it } from 'vitest';
import { shapeOf } from './http/answer-shapes.ts';
import { makeFolder, marks, probe } from './probe.ts';
import { directoryRoutes } from './directory/routes.ts';
import { photoRoutes } from './directory/photo-routes.ts';
import { contactRoutes } from './mailbox/contact-routes.ts';
import { folderRoutes } from './mailbox/folder-routes.ts';
import { settingsRoutes } from './mailbox/settings-routes.ts';
import { defaultSwitches } from './options.ts';
import type { Route } from './http/router.ts';

/** A room of which only the routes are of interest here. */
function routesOf(make: (rooms: never) => Route[]): string[] {
  return make({ switches: defaultSwitches } as never).map(({ operation }) => operation);
}

describe('strictness towards the simulator', () => {
  it('knows a shape for every operation, or that none is published', () => {
    const operations = [directoryRoutes, photoRoutes, contactRoutes, folderRoutes, settingsRoutes].flatMap(
      (make) => routesOf(make as (rooms: never) => Route[]),
    );
    expect(operations.length).toBeGreaterThan(50);
    expect(operations.filter((operation) => shapeOf(operation) === undefined)).toEqual([]);
  });

  it('notes an answer that is not as published', async () => {
    const { tenant, ask } = probe();
    // No such thing can be told to the directory in earnest: phone numbers are texts.
    const user = tenant.directory.addUser({ businessPhones: [1 as unknown as string] });
    await ask('GET', `users/${user.id}`);
    expect(tenant.oracles.violations).toMatchObject([{ kind: 'misshapen-answer' }]);
    expect(tenant.oracles.violations[0]?.detail).toContain('/businessPhones/0');
  });
});

describe('strictness towards the client', () => {
  const json = { 'Content-Type': 'application/json' };

  it('notes what is not as published, in bodies, options and parts of a batch', async () => {
    const on = probe();
    const { tenant, ask, batch, owner } = on;
    const contacts = await makeFolder(on, owner().id);
    const made = await ask('POST', contacts, { body: { displayName: 'A', ...marks('u1') } });
    const one = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
    const phones = { businessPhones: ['1', '2', '3'] };
    const parts = [
      { id: '1', method: 'PATCH', url: one, headers: json, body: phones },
      { id: '2', method: 'PATCH', url: one, headers: { 'Content-Type': 'text/plain' }, body: { title: 'x' } },
      { id: '3', method: 'GET', url: one, headers: json, body: {} },
      { id: '4', method: 'POST', url: `${one}/permanentDelete`, headers: json, body: { force: true } },
    ];
    const answers = await batch(parts);
    expect([...answers.parts.values()].map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect((await ask('GET', `${contacts}?$select=faxNumber`)).status).toBe(400);
    expect((await ask('PATCH', one, { body: { shoeSize: 44 } })).status).toBe(400);
    expect((await ask('PATCH', one, { body: '', headers: { 'Content-Type': 'text/plain' } })).status).toBe(
      400,
    );
    expect(tenant.oracles.count('malformed-request')).toBe(7);
    expect(tenant.oracles.violations).toHaveLength(7);
  });

  it('refuses a request of more than 4 MB', async () => {
    const { ask, owner } = probe();
    const path = `users/${owner().id}/contacts`;
    const body = { displayName: 'A', personalNotes: 'x'.repeat(4 * 1024 * 1024) };
    expect(await ask('POST', path, { body })).toMatchObject({ status: 413 });
  });

  it('says nothing against a whole conversation that is as published', async () => {
    const on = probe();
    const { tenant, ask, owner } = on;
    const contacts = await makeFolder(on, owner().id);
    const made = await ask('POST', contacts, { body: { displayName: 'A', ...marks('u1') } });
    const one = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
    await ask('PATCH', one, { body: { displayName: 'B', emailAddresses: [] } });
    await ask('GET', `${contacts}?$top=1000`);
    await ask('POST', `${one}/permanentDelete`, { body: {} });
    await ask('GET', 'users/delta');
    await ask('GET', 'nowhere');
    expect(tenant.oracles.violations).toEqual([]);
  });
});
