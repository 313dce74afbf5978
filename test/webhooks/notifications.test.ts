import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import {
  clientState,
  notification,
  openDesk,
  OTHER_TENANT_ID,
  postJson,
  PREVIOUS_KEY,
  TENANT_ID,
  USER_ID,
  type Desk,
} from './desk.ts';

const GROUP_ID = 'cccccccc-1111-4222-8333-000000000002';

describe('notifications', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.close());

  const post = (body: unknown, headers?: Record<string, string>) =>
    postJson(`${desk.url}/notifications`, body, headers);
  const expected = (fields: Partial<Change> = {}): Change => ({
    v: 1,
    kind: 'user',
    tenant: 'contoso',
    id: USER_ID,
    causes: ['notification'],
    at: desk.clock.now(),
    ...fields,
  });

  it('become changes before they are answered, with no body and no trace of Express', async () => {
    const response = await post({ value: [notification()] });
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await desk.taken()).toEqual([expected()]);
    expect(desk.receiver.counters).toMatchObject({ accepted: 1, forged: 0, refused: 0 });
  });

  it('are taken with a raw 18-digit sequence number, a member list and foreign fields', async () => {
    const item = JSON.stringify(
      notification({
        clientState: clientState({ resource: 'groups' }),
        resource: `Groups/${GROUP_ID}`,
        resourceData: {
          id: GROUP_ID,
          sequenceNumber: 0,
          'members@delta': [{ id: USER_ID, '@removed': 'deleted' }],
        },
        eventTime: '2026-11-20T10:00:00Z',
      }),
    ).replace('"sequenceNumber":0', '"sequenceNumber":638059995676961300');
    expect((await post(`{"value":[${item}],"validationTokens":["x"]}`)).status).toBe(202);
    expect(await desk.taken()).toEqual([expected({ kind: 'group', id: GROUP_ID })]);
  });

  it.each([`users/${USER_ID}`, `/Users/${USER_ID}`, `USERS/${USER_ID.toUpperCase()}`])(
    'name their object in any spelling: %s',
    async (resource) => {
      await post({ value: [notification({ resource, tenantId: TENANT_ID.toUpperCase() })] });
      expect(await desk.taken()).toEqual([expected()]);
    },
  );

  it('fall back to the id of the resource data', async () => {
    await post({ value: [notification({ resource: 'Users', resourceData: { id: USER_ID } })] });
    expect(await desk.taken()).toEqual([expected()]);
  });

  it('of several tenants and subscriptions in one post go to their tenants', async () => {
    const theirs = notification({
      tenantId: OTHER_TENANT_ID,
      clientState: clientState({ tenantId: OTHER_TENANT_ID, key: PREVIOUS_KEY }),
    });
    await post({ value: [notification(), theirs] });
    expect((await desk.taken()).map(({ tenant }) => tenant).toSorted()).toEqual(['contoso', 'fabrikam']);
  });

  it('about one object are one change', async () => {
    await post({ value: [notification(), notification({ changeType: 'deleted' })] });
    await post({ value: [notification()] });
    expect(await desk.taken()).toEqual([expected()]);
  });

  it.each([
    ['a wrong client state', { clientState: 'guess' }],
    ['no client state', { clientState: undefined }],
    ['a client state that is null', { clientState: null }],
    ['a client state that is a list', { clientState: [clientState()] }],
    ['a client state that is an object', { clientState: { length: 10 } }],
    ['a very long client state', { clientState: 'x'.repeat(100_000) }],
    ['a genuine client state with more behind it', { clientState: `${clientState()}x` }],
    ['a tenant that is not ours', { tenantId: '00000000-0000-4000-8000-000000000000' }],
    ['the client state of another tenant', { tenantId: OTHER_TENANT_ID }],
    ['a genuine client state on another resource', { resource: `Groups/${GROUP_ID}` }],
    ['a genuine client state on a resource nobody subscribed', { resource: `Devices/${USER_ID}` }],
    [
      'a client state under a key that was never ours',
      { clientState: clientState({ key: Buffer.from('other') }) },
    ],
  ])('with %s are accepted, counted and without effect', async (_, fields) => {
    const response = await post({ value: [notification(fields)] });
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(desk.receiver.counters).toMatchObject({ forged: 1, accepted: 0 });
    expect(await desk.taken()).toEqual([]);
    expect(desk.committer.commits()).toBe(0);
  });

  it('that are good come through beside one that is bad', async () => {
    const bad = [
      null,
      7,
      'text',
      [],
      {},
      notification({ tenantId: 5 }),
      notification({ resource: {} }),
      notification({ resource: 'Users/me' }),
    ];
    const good = notification({ resource: `Users/${GROUP_ID}` });
    expect((await post({ value: [...bad, good, notification({ clientState: 'guess' })] })).status).toBe(202);
    expect(await desk.taken()).toEqual([expected({ id: GROUP_ID })]);
    expect(desk.receiver.counters).toMatchObject({ accepted: 1, malformed: bad.length, forged: 1 });
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['half a list', '{"value":['],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '5'],
    ['an object without a list', '{"values":[]}'],
    ['an object with another value', '{"value":{"length":1}}'],
    ['a list without any notification', '{"value":[{},null]}'],
    ['a million brackets', '['.repeat(1_000_000)],
  ])('are refused in one line when the body is %s, and nothing is enqueued', async (_, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toMatch(/^[^\n<{]+\n$/);
    expect(await desk.taken()).toEqual([]);
    expect(desk.receiver.counters.refused).toBe(1);
  });

  it('are refused when the bytes are not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"value":[],"x":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${desk.url}/notifications`, { method: 'POST', headers, body })).status).toBe(400);
  });

  it('may be none', async () => {
    expect((await post({ value: [] })).status).toBe(202);
    expect(desk.committer.commits()).toBe(0);
  });

  it.each([
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': 'application/json-patch+json' }, 415],
    [{ 'content-type': 'application/json; charset=utf-16' }, 415],
    [{ 'content-encoding': 'gzip' }, 415],
    [{ 'content-type': 'Application/JSON ; Charset="UTF-8"' }, 202],
    [{ 'content-encoding': 'identity' }, 202],
  ])('with the headers %j are answered %i', async (headers, status) => {
    const response = await post({ value: [notification()] }, headers);
    expect(response.status).toBe(status);
    expect(await desk.taken()).toHaveLength(status === 202 ? 1 : 0);
  });

  it('reach the queue in one commit, a thousand in one post', async () => {
    const value = Array.from({ length: 1_000 }, (_, index) =>
      notification({ resource: `Users/${index.toString(16).padStart(8, '0')}${USER_ID.slice(8)}` }),
    );
    expect((await post({ value })).status).toBe(202);
    expect(desk.committer.commits()).toBe(1);
    expect(desk.receiver.counters.accepted).toBe(1_000);
    expect(await desk.taken()).toHaveLength(512);
  });

  it('are answered 503 while the queue takes nothing, and accepted when it does again', async () => {
    desk.refuseSends(true);
    const response = await post({ value: [notification()] });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('SQLITE');
    expect(desk.receiver.counters).toMatchObject({ unavailable: 1, accepted: 0 });
    desk.refuseSends(false);
    expect((await post({ value: [notification()] })).status).toBe(202);
    expect(await desk.taken()).toHaveLength(1);
  });
});
