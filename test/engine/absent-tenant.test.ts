import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeMessage, fillMessage, newChange, writeMessage } from '../../src/engine/send.ts';
import { saveRoute } from '../contracts/ledger-setup.ts';
import { Town } from './town.ts';

let town: Town;

beforeEach(() => {
  town = new Town();
});
afterEach(() => town.close());

test('what an earlier configuration left in the queues for a tenant that is gone is put aside for its return', async () => {
  town.owner();
  await town.configure({ staff: { source: { users: [] }, target: { kind: 'licensed' } } });
  const { ledger, changes, writes, clock } = town.service.assembly.needs;
  const elsewhere = { sourceTenant: 'fabrikam', targetTenant: 'fabrikam', state: 'withdrawn' as const };
  const route = await saveRoute(ledger, 'gone', { ...elsewhere, job: 'gone' });
  const { slab } = await ledger.mailboxes.join('fabrikam', 'somebody', route.key);
  const [place] = await ledger.places.ofSlab('fabrikam', slab);
  const right = { filled: true, trusted: true, folder: 'a-folder', name: route.folder };
  await ledger.places.update([{ place: place?.place ?? 0, epoch: place?.epoch ?? 0, ...right }]);
  const at = clock.now();
  await changes.send([
    changeMessage(newChange({ kind: 'user', tenant: 'fabrikam', id: 'ann' }, 'notification', at)),
  ]);
  await writes.send([
    writeMessage({ v: 1, kind: 'identity', tenant: 'fabrikam', slab, identity: 'ann', at }),
    fillMessage({ tenant: 'fabrikam', slab }, at),
  ]);
  await town.rest();
  for (const queue of [changes, writes]) {
    expect(await queue.depth()).toMatchObject({ due: 0, held: 0, dead: 0 });
  }
  expect(await ledger.places.ofSlab('fabrikam', slab)).toMatchObject([
    { ...right, state: 'active', filled: false },
  ]);
});
