import { describe, expect, test, vi } from 'vitest';
import type { OfficeSize } from '../bench/office.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { adoptedIn, furnish, lastTwo, opener } from './former-contacts.ts';

const opened = opener();

type Watch = NonNullable<NonNullable<OfficeSize['conditions']>['watch']>;

const AWAY = { status: 503, headers: {}, body: { error: { code: 'serviceNotAvailable', message: 'x' } } };

/** Parts of a batch that tell of people; none where something else was asked. */
function readingsIn(text: string): { readonly body: Readonly<Record<string, unknown>> }[] {
  if (!text.includes('"responses"') || !text.includes('assignedLicenses')) return [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the simulated tenant wrote it
  return (JSON.parse(text) as { responses: { body: Record<string, unknown> }[] }).responses;
}

describe('a mailbox that joins', () => {
  test('is not looked through before everybody was read: the last of many is adopted, too', async () => {
    const office = await opened({ people: 900 });
    const { writes } = await office.fill();
    expect(writes).toBe(3 * 899);
    expect(adoptedIn(office)).toHaveLength(2);
  });

  test('is not looked through before those were read who could not be at first', async () => {
    let late: readonly User[] = [];
    let failed = 0;
    const watch: Watch = (transport) => async (request) => {
      const response = await transport(request);
      const batch = failed < 5 ? readingsIn(response.body) : [];
      const unread = batch.filter(({ body }) => late.some(({ id }) => body['id'] === id));
      if (unread.length === 0) return response;
      failed += 1;
      for (const one of unread) Object.assign(one, AWAY);
      return { ...response, body: JSON.stringify({ responses: batch }) };
    };
    const prepare = (tenant: Tenant, people: readonly User[]): void => {
      furnish(tenant, people);
      late = lastTwo(people);
    };
    const office = await opened({ prepare, conditions: { watch } });
    await office.fill();
    expect([failed, adoptedIn(office).length]).toEqual([5, 2]);
  });

  test('waits ten minutes for what stays in the queue, and not for ever', async () => {
    const office = await opened();
    const { changes } = office.service.assembly.needs;
    const { clock, tenant } = office;
    const [start, depth] = [clock.now(), changes.depth.bind(changes)];
    const adopted = new Map<number, number>();
    vi.spyOn(changes, 'depth').mockImplementation(async () => {
      const minutes = Math.floor((clock.now() - start) / 60_000);
      adopted.set(minutes, adoptedIn(office).length);
      return minutes < 40 ? { ...(await depth()), due: 1 } : depth();
    });
    await office.fill();
    expect([adopted.get(9), adopted.get(30)]).toEqual([0, 2]);
    expect(tenant.oracles.violations).toEqual([]);
  });
});
