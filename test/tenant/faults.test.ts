import { describe, expect, it } from 'vitest';
import type { FaultKind } from './faults.ts';
import { makeFolder, marks, probe, type Probe } from './probe.ts';

/** A mailbox with a folder, reached before the faults begin. */
async function stormy(
  kind: FaultKind,
  seed: number = 1,
): Promise<{ on: Probe; userId: string; contacts: string; items: () => number }> {
  const on = probe({ seed });
  const { id } = on.owner();
  const contacts = await makeFolder(on, id);
  on.tenant.setFaults({ [kind]: 1 });
  return { on, userId: id, contacts, items: () => [...on.tenant.mailboxes.get(id).items()].length };
}

const create = { displayName: 'A', ...marks('u1') };

/** What a client is told in twenty stormy batches. */
async function trace(seed: number): Promise<string[]> {
  const on = probe({
    seed,
    faults: { throttleInside: 0.2, gatewayTimeoutApplied: 0.2, missingSubResponse: 0.2, staleRead: 0.2 },
  });
  const { id } = on.owner();
  const told: string[] = [];
  for (let n = 0; n < 20; n += 1) {
    on.tenant.directory.updateUser(id, { jobTitle: `t${n}` });
    const requests = ['a', 'b', 'c'].map((part) => ({ id: part, method: 'GET', url: `/users/${id}` }));
    told.push(JSON.stringify((await on.batch(requests)).body));
  }
  return told;
}

describe('faults', () => {
  it('a gateway timeout may have been applied', async () => {
    const { on, contacts, items } = await stormy('gatewayTimeoutApplied');
    expect(await on.ask('POST', contacts, { body: create })).toMatchObject({ status: 504 });
    expect(items()).toBe(1);
    expect(on.tenant.faultCounts.get('gatewayTimeoutApplied')).toBe(1);
  });

  it('or not', async () => {
    const { on, contacts, items } = await stormy('gatewayTimeoutNotApplied');
    expect(await on.ask('POST', contacts, { body: create })).toMatchObject({ status: 504 });
    expect(items()).toBe(0);
  });

  it('or be applied up to a minute later', async () => {
    const { on, contacts, items } = await stormy('lateApply');
    expect(await on.ask('POST', contacts, { body: create })).toMatchObject({ status: 504 });
    expect(items()).toBe(0);
    await on.clock.run(on.clock.now() + 60_000);
    expect(items()).toBe(1);
  });

  it('a late create is not held against a client that created meanwhile', async () => {
    const { on, contacts, items } = await stormy('lateApply');
    await on.ask('POST', contacts, { body: create });
    on.tenant.setFaults({});
    expect(await on.ask('POST', contacts, { body: create })).toMatchObject({ status: 201 });
    await on.clock.run();
    expect(items()).toBe(2);
    expect(on.tenant.oracles.violations).toEqual([]);
  });

  it('a connection breaks after the request was applied', async () => {
    const { on, contacts, items } = await stormy('resetAfterApply');
    await expect(on.ask('POST', contacts, { body: create })).rejects.toThrow('fetch failed');
    expect(items()).toBe(1);
  });

  it('a part of a batch stays without an answer', async () => {
    const { on, contacts, items } = await stormy('missingSubResponse');
    const request = {
      id: '1',
      method: 'POST',
      url: contacts,
      headers: { 'Content-Type': 'application/json' },
      body: create,
    };
    const answer = await on.batch([request]);
    expect(answer).toMatchObject({ status: 200, body: { responses: [] } });
    expect(items()).toBe(1);
  });

  it('a 200 is cut off, or is a page in HTML', async () => {
    const cut = await stormy('truncatedJson');
    await expect(cut.on.ask('GET', cut.contacts)).rejects.toThrow(SyntaxError);
    const page = await stormy('htmlBody200');
    await expect(page.on.ask('GET', page.contacts)).rejects.toThrow(/<!DOCTYPE/);
  });

  it('a part is throttled with waits of every form', async () => {
    const { on, contacts } = await stormy('throttleInside', 3);
    const seen = new Set<string | undefined>();
    for (let n = 0; n < 60; n += 1) {
      const part = (await on.batch([{ id: '1', method: 'GET', url: contacts }])).parts.get('1');
      expect(part?.status).toBe(429);
      const wait = part?.headers['Retry-After'] ?? part?.headers['retry-after'];
      seen.add(Date.parse(wait ?? '') > on.clock.now() ? 'date' : wait);
      await on.clock.run(on.clock.now() + 700_000);
    }
    expect(seen).toEqual(new Set(['1', '2.128', '0.249', '5', '17', '600', 'date', undefined]));
  });

  it('503 comes inside and outside, with and without a wait, and is not applied', async () => {
    const { on, contacts, items } = await stormy('unavailable503');
    const waits = new Set<boolean>();
    for (let n = 0; n < 20; n += 1) {
      const answer = await on.ask('POST', contacts, { body: create });
      expect(answer).toMatchObject({ status: 503, code: 'serviceNotAvailable' });
      waits.add(answer.headers['retry-after'] !== undefined);
    }
    expect(waits).toEqual(new Set([true, false]));
    expect(await on.batch([{ id: '1', method: 'GET', url: contacts }])).toMatchObject({ status: 503 });
    expect(items()).toBe(0);
  });

  it('a write meets a conflict, and is not applied', async () => {
    const { on, contacts } = await stormy('conflict412');
    const made = await on.ask('POST', contacts, { body: create });
    const path = `${contacts}/${encodeURIComponent(String(made.body['id']))}`;
    const refused = await on.ask('PATCH', path, { body: { jobTitle: 'x' } });
    expect(refused).toMatchObject({ status: 412, code: 'ErrorIrresolvableConflict' });
    expect((await on.ask('GET', path)).body['jobTitle']).toBeNull();
  });

  it('a delta token is forgotten in each of the ways that it may be', async () => {
    const { on } = await stormy('deltaExpired410');
    const { deltaLink } = await on.ask('GET', 'users/delta');
    const seen = new Set<string>();
    for (let n = 0; n < 40; n += 1) {
      const answer = await on.ask('GET', deltaLink ?? '');
      seen.add(`${answer.status} ${String(answer.code)} ${answer.headers['location'] !== undefined}`);
    }
    expect(seen).toEqual(
      new Set([
        '410 resyncRequired true',
        '410 syncStateNotFound false',
        '404 syncStateNotFound false',
        '400 syncStateNotFound false',
      ]),
    );
  });

  it('an aborted request goes on unseen', async () => {
    const on = probe({ latencyMs: 1_000 });
    const { id } = on.owner();
    const stop = new AbortController();
    const request = {
      method: 'POST',
      url: `https://graph.microsoft.com/v1.0/users/${id}/contacts`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(create),
      signal: stop.signal,
    };
    const asked = on.tenant.transport(request);
    stop.abort(new Error('timeout'));
    await expect(asked).rejects.toThrow('timeout');
    await on.clock.run();
    expect([...on.tenant.mailboxes.get(id).items()]).toHaveLength(1);
  });

  it('are the same for the same seed, and none happen unless asked for', async () => {
    expect(await trace(9)).toEqual(await trace(9));
    expect(await trace(9)).not.toEqual(await trace(10));
    const calm = probe();
    await makeFolder(calm, calm.owner().id);
    expect(calm.tenant.faultCounts.size).toBe(0);
  });
});
