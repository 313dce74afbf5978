import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kit/clock.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { seededRandom } from '../kit/seeded-random.ts';
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

  it('is not reached in process under a host that is not its own', async () => {
    const tenant = createTenant({ clock: systemClock, random: seededRandom(1), auth: 'open' });
    const request = { method: 'GET', url: 'https://graph.attacker.example/v1.0/users', headers: {} };
    await expect(tenant.transport(request)).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } });
  });
});
