import { describe, expect, test } from 'vitest';
import { batchServer, settled, write, type BatchServer } from './batch-server.ts';

/** How many calls of the mailbox each batch held, those without any left out. */
function shares({ batches }: BatchServer, mailbox: string): number[] {
  const count = ({ parts }: BatchServer['batches'][number]): number =>
    parts.filter(({ url }) => url.includes(`/${mailbox}/`)).length;
  return batches.map(count).filter((share) => share > 0);
}

describe('a backlog', () => {
  test('waits until its mailbox is idle, instead of leaving a few at a time', async () => {
    const server = batchServer();
    const packer = server.packer();
    const first = [packer.call(write('busy', 0)), packer.call(write('busy', 1))];
    await server.clock.run(server.clock.now() + 10);
    const backlog = Array.from({ length: 30 }, (_, nth) => packer.call(write('busy', nth + 2)));
    await settled(server.clock, [...first, ...backlog]);
    // Two of its four were at work: 2, 2, 2 ... would keep the rule as well, and cost 16 requests.
    expect(shares(server, 'busy')).toEqual([2, 20, 10]);
  });

  test('holds up nobody else', async () => {
    const server = batchServer();
    const packer = server.packer();
    const first = packer.call(write('busy', 0));
    await server.clock.run(server.clock.now() + 10);
    const backlog = Array.from({ length: 30 }, (_, nth) => packer.call(write('busy', nth + 1)));
    const asked = server.clock.now();
    const other = packer.call(write('other'));
    await settled(server.clock, [first, other, ...backlog]);
    const left = server.batches.find(({ parts }) => parts.some(({ url }) => url.includes('/other/')));
    expect(left && left.at - asked).toBe(3);
  });

  test('is no company: a batch is not sent for its sake before others had time to join', async () => {
    const server = batchServer();
    const packer = server.packer();
    const first = packer.call(write('busy', 0));
    await server.clock.run(server.clock.now() + 10);
    const early = ['a', 'b', 'c'].map((mailbox) => packer.call(write(mailbox)));
    const backlog = Array.from({ length: 30 }, (_, nth) => packer.call(write('busy', nth + 1)));
    await server.clock.run(server.clock.now() + 1);
    const late = Array.from({ length: 17 }, (_, nth) => packer.call(write(`late${nth}`)));
    await settled(server.clock, [first, ...early, ...backlog, ...late]);
    const [batch] = server.batches.filter(({ parts }) => parts.some(({ url }) => url.includes('/a/')));
    expect(batch?.parts).toHaveLength(20);
  });

  test('a few calls run beside others of their mailbox, up to four', async () => {
    const server = batchServer();
    const packer = server.packer();
    const first = packer.call(write('busy', 0));
    await server.clock.run(server.clock.now() + 10);
    const asked = server.clock.now();
    const few = [1, 2, 3].map((nth) => packer.call(write('busy', nth)));
    await settled(server.clock, [first, ...few]);
    expect(server.batches.map(({ at }) => at - asked)).toEqual([-7, 3]);
    expect(server.peaks.get('busy')).toBe(4);
  });
});
