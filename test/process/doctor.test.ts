import { afterAll, beforeAll, expect, test } from 'vitest';
import { consult, of, troubles } from './consultation.ts';
import { install, type Installation } from './installation.ts';
import { until } from './until.ts';

let on: Installation;
beforeAll(async () => {
  on = await install({ people: 8, mailboxes: 2, seed: 82 });
});
afterAll(() => on.close());

test('before the first start nothing is wrong, and the doctor leaves the stores as they are', async () => {
  const before = await on.stores.contents();
  const seen = await consult(on);
  expect(troubles(seen)).toEqual([]);
  expect([seen.code, seen.well]).toEqual([0, true]);
  expect(await on.stores.contents()).toEqual(before);
});

test('beside a running service everything is looked at, and well', async () => {
  const service = on.start('run');
  await until(() => on.tenant.subscriptions.all().length === 2 && service.said().includes('sweep done'), {
    else: () => service.said(),
  });
  await on.untilRight();
  const seen = await consult(on);
  expect(troubles(seen)).toEqual([]);
  for (const check of ['ledger', 'queue', 'handshake', 'subscriptions', 'mailbox'])
    expect([check, of(seen, check, 'well').length > 0]).toEqual([check, true]);
  expect(of(seen, 'handshake')[0]?.found).toContain('answered by the service');
  service.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0 });
});
