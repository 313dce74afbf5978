import { expect, it } from 'vitest';
import { contactWrites, since, snapshot, total } from './counts.ts';
import { makeFolder, marks, probe } from './probe.ts';

it('counts requests and parts apart, and adds up what happened since', async () => {
  const on = probe();
  const { id } = on.owner();
  const contacts = await makeFolder(on, id);
  const before = snapshot(on.tenant.counts);
  const asked = on.tenant.httpRequests;
  const made = await on.ask('POST', contacts, { body: { displayName: 'A', ...marks('u1') } });
  const contact = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
  const headers = { 'Content-Type': 'application/json' };
  await on.batch([
    { id: '1', method: 'PATCH', url: contact, headers, body: { jobTitle: 'x' } },
    { id: '2', method: 'GET', url: `/users/${id}` },
    { id: '3', method: 'POST', url: `${contact}/permanentDelete`, headers, body: {} },
  ]);
  await on.ask('GET', `users/${id}`);
  const added = since(on.tenant.counts, before);
  expect(on.tenant.httpRequests - asked).toBe(3);
  expect(contactWrites(added)).toBe(3);
  expect(total(added, 'GET users/{id}')).toBe(2);
  expect(added.has('POST users/{id}/contactFolders')).toBe(false);
  expect([...added.keys()].filter((operation) => !operation.startsWith('$batch '))).toHaveLength(3);
});
