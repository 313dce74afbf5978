import { expect, test } from 'vitest';
import type { GraphCall } from '../../src/graph/call.ts';
import type { GraphAnswer } from '../../src/graph/faults.ts';
import { Fault } from '../../src/model/fault.ts';
import { listAdopted } from '../../src/targets/adoptable.ts';

const throttled = (retryAt: number): Fault => new Fault('throttled', 'asked to wait', { retryAt });

test('of several looks into one mailbox that fail, the latest wait is told', async () => {
  const folders = ['a', 'b', 'c'].map((id) => ({ id, displayName: id }));
  const failures: Readonly<Record<string, Fault>> = { b: throttled(9_000), c: throttled(3_000) };
  const call = async ({ url }: GraphCall): Promise<GraphAnswer> => {
    if (url.startsWith('/users/ann/contactFolders?'))
      return { status: 200, headers: {}, body: { value: folders } };
    const [, folder = ''] = /contactFolders\/(\w+)/.exec(url) ?? [];
    throw failures[folder] ?? new Fault('unavailable', 'away');
  };
  const place = {
    kind: 'list-adopted',
    mailbox: 'ann',
    route: 'staff',
    fields: [],
    priority: 'bulk',
  } as const;
  const look = listAdopted({ packer: { call }, deployment: 'd' }, place);
  await expect(look).rejects.toMatchObject({ retryAt: 9_000 });
});
