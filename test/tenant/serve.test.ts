import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { mailboxLicense } from './directory/objects.ts';
import { CONTACT_ROLES } from './listening.ts';
import { echo } from './receiver.ts';
import { serveTenant } from './serve.ts';
import { createTenant } from './tenant.ts';

describe('HTTP face', () => {
  it('answers as the in-process face does, with links to itself, and breaks connections where that rejects', async () => {
    const tenant = createTenant({
      clock: systemClock,
      random: seededRandom(1),
      auth: 'open',
      switches: { deltaPageSize: 1 },
    });
    const user = tenant.directory.addUser({ displayName: 'Zoë 🌻' });
    tenant.directory.addUser();
    const served = await serveTenant(tenant);
    try {
      const ask = (path: string): ReturnType<typeof fetchTransport> =>
        fetchTransport({ method: 'GET', url: `${served.origin}${path}`, headers: {} });
      const read = await ask(`/v1.0/users/${user.id}?$select=displayName`);
      expect(JSON.parse(read.body)).toMatchObject({ displayName: 'Zoë 🌻' });
      expect(read.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/);
      const page = JSON.parse((await ask('/v1.0/users/delta')).body) as Record<string, string>;
      expect(page['@odata.nextLink']?.startsWith(`${served.origin}/v1.0/users/delta?$skiptoken=`)).toBe(true);
      expect((await ask('/nowhere')).status).toBe(404);
      tenant.setFaults({ resetAfterApply: 1 });
      await expect(ask(`/v1.0/users/${user.id}`)).rejects.toThrow('fetch failed');
    } finally {
      await served.close();
    }
  });

  it('tells of a contact over the wire, as soon as its owner has written it', async () => {
    const posts: string[] = [];
    const receiver = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { status, headers, body } = echo({
          method: 'POST',
          url: `http://receiver.example${incoming.url}`,
          headers: {},
        });
        if (status === 202) posts.push(Buffer.concat(chunks).toString());
        outgoing.writeHead(status, headers).end(body);
      });
    });
    await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const app = { roles: CONTACT_ROLES };
    const random = seededRandom(1);
    const tenant = createTenant({ clock: systemClock, random, auth: 'open', deliver: fetchTransport, app });
    const owner = tenant.directory.addUser({ assignedLicenses: [mailboxLicense] });
    const served = await serveTenant(tenant);
    try {
      const body = JSON.stringify({
        changeType: 'created',
        resource: `users/${owner.id}/contacts`,
        clientState: 's',
        notificationUrl: `http://127.0.0.1:${port}/notifications`,
        expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
      });
      const url = `${served.origin}/v1.0/subscriptions`;
      const headers = { 'content-type': 'application/json', Prefer: 'IdType="ImmutableId"' };
      const made = await fetchTransport({ method: 'POST', url, headers, body });
      expect(made).toMatchObject({ status: 201, headers: { 'preference-applied': 'IdType="ImmutableId"' } });
      const item = tenant.mailboxes.addContact(owner.id, { displayName: 'Ada' });
      await vi.waitUntil(() => posts.length > 0, { timeout: 20_000 });
      const contact = tenant.mailboxes.get(owner.id).ids.immutable(item);
      expect(posts[0]).toContain(`"resource":"Users/${owner.id}/Contacts/${contact}"`);
    } finally {
      tenant.close();
      await served.close();
      await new Promise((resolve) => void receiver.close(resolve));
    }
  });

  it('is not reached in process under a host that is not its own', async () => {
    const tenant = createTenant({ clock: systemClock, random: seededRandom(1), auth: 'open' });
    const request = { method: 'GET', url: 'https://graph.attacker.example/v1.0/users', headers: {} };
    await expect(tenant.transport(request)).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } });
  });
});
