import { describe, expect, test } from 'vitest';
import { createGraphClient } from '../../src/graph/client.ts';
import { originsOf, type CloudName } from '../../src/graph/clouds.ts';
import { clientSecret } from '../../src/graph/credentials/client-secret.ts';
import { createTokenSource } from '../../src/graph/token.ts';
import { silentLog } from '../../src/kit/log.ts';
import type { HttpRequest, Transport } from '../../src/kit/transport.ts';
import { connectTenant } from '../../src/run/connect.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const CLIENT = '66666666-7777-4888-9999-000000000000';

/** learn.microsoft.com/graph/deployments. Plain GCC lives at the hosts of the global cloud, not at graph.microsoft.us. */
const HOSTS: readonly (readonly [CloudName, string, string])[] = [
  ['global', 'https://login.microsoftonline.com', 'https://graph.microsoft.com'],
  ['gcc', 'https://login.microsoftonline.com', 'https://graph.microsoft.com'],
  ['gcc-high', 'https://login.microsoftonline.us', 'https://graph.microsoft.us'],
  ['dod', 'https://login.microsoftonline.us', 'https://dod-graph.microsoft.us'],
  ['china', 'https://login.chinacloudapi.cn', 'https://microsoftgraph.chinacloudapi.cn'],
];

/** A client of that cloud, and everything that it asks. */
function at(cloud: CloudName, answer = '{"value":[]}') {
  const asked: HttpRequest[] = [];
  const transport: Transport = async (request) => {
    asked.push(request);
    const isToken = request.url.includes('/oauth2/');
    const body = isToken ? '{"token_type":"Bearer","expires_in":3600,"access_token":"t"}' : answer;
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  };
  const shared = { cloud, transport, clock: new VirtualClock(), random: seededRandom(1), log: silentLog };
  const credential = clientSecret(() => 'secret');
  const tokens = createTokenSource({ ...shared, tenantId: TENANT, clientId: CLIENT, credential });
  return { asked, shared, tokens, client: createGraphClient({ ...shared, tokens }) };
}

describe.each(HOSTS)('the cloud %s', (cloud, login, graph) => {
  test('has its token from its own login host, for its own Graph', async () => {
    const { asked, client } = at(cloud);
    await client.send({ method: 'GET', url: '/users?$select=id' });
    const [token, request] = asked;
    expect(token?.url.split('?')[0]).toBe(`${login}/${TENANT}/oauth2/v2.0/token`);
    const form = new URLSearchParams(token?.body);
    expect([form.get('scope')?.split(' ')[0], form.get('client_id')]).toEqual([`${graph}/.default`, CLIENT]);
    expect(request?.url).toBe(`${graph}/v1.0/users?$select=id`);
    expect(asked.map(({ url }) => new URL(url).origin)).toEqual([login, graph]);
  });

  test('follows links of its own host, and of no other cloud', async () => {
    const { asked, client } = at(cloud);
    await client.send({ method: 'GET', url: `${graph}/v1.0/users/delta?$deltatoken=x` });
    expect(asked.at(-1)?.url).toBe(`${graph}/v1.0/users/delta?$deltatoken=x`);
    for (const other of new Set(HOSTS.map(([, , host]) => host).filter((host) => host !== graph))) {
      const sent = client.send({ method: 'GET', url: `${other}/v1.0/users/delta?$deltatoken=x` });
      await expect(sent).rejects.toMatchObject({ code: 'ForeignHost' });
    }
    expect(new Set(asked.map(({ url }) => new URL(url).origin))).toEqual(new Set([login, graph]));
  });

  test('marks contacts with what it has', async () => {
    const isChina = cloud === 'china';
    expect(originsOf(cloud).openExtensions).toBe(!isChina);
    const { asked, shared, tokens } = at(cloud, '{"responses":[{"id":"0","status":500,"body":{}}]}');
    const { clock } = shared;
    const connection = connectTenant({
      ...shared,
      tokens,
      limits: { concurrency: 4, requestsPer10s: 100 },
      policy: 'economy',
      marks: 'both',
      removal: 'permanent',
      deployment: 'test',
      publicUrl: '',
      attributes: [],
      contacts: false,
      mailGroups: false,
      stands: new Map(),
      admits: () => true,
    });
    const applied = connection.target.apply(
      [
        {
          kind: 'create',
          mailbox: 'm',
          folder: 'f',
          route: 'staff',
          mark: { route: 'staff', identity: TENANT },
          card: { displayName: 'Somebody' },
        },
      ],
      'live',
    );
    await clock.run(clock.now() + 1_000);
    await applied;
    const body = asked.find(({ url }) => url.endsWith('/$batch'))?.body ?? '';
    expect(body).toContain('singleValueExtendedProperties');
    expect(body.includes('openTypeExtension')).toBe(!isChina);
  });
});
