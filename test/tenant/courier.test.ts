import { describe, expect, it } from 'vitest';
import { listen } from './listening.ts';

describe('deliveries', () => {
  it('are tried again after three seconds, then after ten, further and further apart for four hours', async () => {
    const on = await listen();
    on.answer = async () => {
      await on.clock.sleep(60_000);
      return { status: 202, headers: {}, body: '' };
    };
    const from = on.clock.now();
    on.tenant.directory.addUser();
    await on.clock.run();
    const gaps = on.posts.map(({ at }, n) => at - (on.posts[n - 1]?.at ?? at));
    expect(gaps.length).toBeGreaterThan(8);
    expect(gaps[1]).toBeGreaterThan(3_000 + 7_500);
    expect(gaps[2]).toBeGreaterThan(10_000 + 15_000);
    expect((on.posts.at(-1)?.at ?? 0) - from).toBeLessThan(4 * 3_600_000 + 1_000);
    expect(on.tenant.notifier.courier).toMatchObject({ abandoned: 1, delivered: 0, inFlight: 0 });
  });

  it('are tried again when the receiver says 503', async () => {
    const on = await listen();
    on.answer = () => ({ status: on.posts.length < 3 ? 503 : 202, headers: {}, body: '' });
    on.tenant.directory.addUser();
    await on.clock.run();
    expect(on.posts).toHaveLength(3);
    expect(new Set(on.posts.map(({ body }) => body)).size).toBe(1);
    expect(on.tenant.notifier.pending).toBe(0);
  });

  it('come ten minutes late to a slow endpoint', async () => {
    const on = await listen({ switches: { endpointSample: 20, itemsPerPost: 1 } });
    on.answer = async () => {
      await on.clock.sleep(on.posts.length <= 5 ? 3_500 : 0);
      return { status: 202, headers: {}, body: '' };
    };
    for (let n = 0; n < 25; n += 1) on.tenant.directory.addUser();
    await on.clock.run(on.clock.now() + 60_000);
    const { notifier } = on.tenant;
    expect(notifier.courier.state('https://sync.contoso.example/users')).toBe('slow');
    const [from, before] = [on.clock.now(), on.posts.length];
    on.tenant.directory.addUser();
    await on.clock.run();
    expect((on.posts[before]?.at ?? 0) - from).toBeGreaterThanOrEqual(600_000);
  });

  it('never come to an endpoint in drop state, which recovers', async () => {
    const on = await listen({ switches: { endpointSample: 5, itemsPerPost: 1 } });
    let down = true;
    on.answer = async () => {
      if (down) await on.clock.sleep(20_000);
      return { status: 202, headers: {}, body: '' };
    };
    for (let n = 0; n < 10; n += 1) on.tenant.directory.addUser();
    const { notifier, directory } = on.tenant;
    const url = 'https://sync.contoso.example/users';
    await on.clock.runUntil(() => notifier.courier.state(url) === 'drop');
    const before = notifier.lost;
    directory.addUser();
    expect(notifier.lost).toBe(before + 1);
    down = false;
    await on.clock.run(on.clock.now() + 3_600_000);
    expect(notifier.courier.state(url)).toBe('ok');
    const user = directory.addUser();
    await on.clock.run();
    expect(on.items().some(({ resource }) => resource === `Users/${user.id}`)).toBe(true);
  });

  it('end with the tenant, so that a process can end', async () => {
    const on = await listen();
    on.answer = () => ({ status: 503, headers: {}, body: '' });
    on.tenant.directory.addUser();
    await on.clock.run(on.clock.now() + 1_000);
    expect(on.clock.pending).toBe(1);
    on.tenant.close();
    expect(on.clock.pending).toBe(0);
  });
});
