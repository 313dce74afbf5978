import { expect, test } from 'vitest';
import type { CloudName } from '../../src/graph/clouds.ts';
import { originsOf } from '../../src/graph/clouds.ts';
import { silentLog } from '../../src/kit/log.ts';
import { connectTenant } from '../../src/run/connect.ts';
import { LIMITS } from '../bench/service.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';
import { contactWrites } from '../tenant/counts.ts';
import { mailboxLicense } from '../tenant/directory/objects.ts';
import { propertyId } from '../tenant/mailbox/item.ts';
import { markId } from '../tenant/probe.ts';
import { createTenant } from '../tenant/tenant.ts';

/** What becomes of a contact of ours in a cloud: the operations by which it goes. */
async function removalsIn(cloud: CloudName, removal: 'permanent' | 'deletedItems'): Promise<string[]> {
  const clock = new VirtualClock();
  const { graph: graphHost, login: loginHost } = originsOf(cloud);
  const tenant = createTenant({ clock, random: seededRandom(1), auth: 'open', graphHost, loginHost });
  const { id } = tenant.directory.addUser({ assignedLicenses: [mailboxLicense] });
  const mailbox = tenant.mailboxes.get(id);
  const folder = mailbox.createFolder('Staff');
  const properties = [{ id: propertyId(markId), value: 'here/staff/somebody' }];
  const item = mailbox.createItem(folder, { fields: {}, extensions: [], properties }, 'client');
  const { target } = connectTenant({
    cloud,
    removal,
    clock,
    policy: 'economy',
    marks: 'both',
    deployment: 'here',
    limits: LIMITS,
    attributes: [],
    contacts: false,
    mailGroups: false,
    stands: new Map(),
    publicUrl: '',
    tokens: { token: async () => 'any' },
    transport: tenant.transport,
    random: seededRandom(2),
    log: silentLog,
    admits: () => true,
  });
  const at = { mailbox: id, folder: folder.id, route: 'staff' };
  const removed = target.apply(
    [{ kind: 'remove', ...at, identity: 'ann', item: mailbox.ids.immutable(item) }],
    'live',
  );
  expect(await clock.through(removed)).toEqual([{ kind: 'done' }]);
  expect(contactWrites(tenant.counts)).toBe(1);
  expect(mailbox.deletedItems.items.size).toBe(
    [...tenant.counts.keys()].some((one) => one.includes('DELETE ')) ? 1 : 0,
  );
  expect(tenant.oracles.violations).toEqual([]);
  tenant.close();
  return [...tenant.counts.keys()].filter((operation) => /DELETE |permanentDelete$/.test(operation));
}

const CONTACT = 'users/{id}/contactFolders/{folder}/contacts/{contact}';

test.each(['global', 'gcc'] as const)(
  'in %s a contact is removed for good, unless Deleted Items are wanted',
  async (cloud) => {
    expect(await removalsIn(cloud, 'permanent')).toEqual([`$batch POST ${CONTACT}/permanentDelete`]);
    expect(await removalsIn(cloud, 'deletedItems')).toEqual([`$batch DELETE ${CONTACT}`]);
  },
);

test.each(['gcc-high', 'dod', 'china'] as const)(
  '%s knows no permanentDelete: a contact goes all the same',
  async (cloud) => {
    expect(await removalsIn(cloud, 'permanent')).toEqual([`$batch DELETE ${CONTACT}`]);
  },
);
