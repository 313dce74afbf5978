import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  lifecycle,
  notification,
  openDesk,
  OTHER_TENANT_ID,
  postJson,
  SUBSCRIPTION_ID,
  type Desk,
} from './desk.ts';

describe('lifecycle notifications', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.close());
  const post = (body: unknown) => postJson(`${desk.url}/lifecycle`, body);

  it.each(['reauthorizationRequired', 'subscriptionRemoved', 'missed'] as const)(
    '%s asks for a look at the subscription',
    async (event) => {
      expect(
        (
          await post({
            value: [lifecycle({ lifecycleEvent: event, subscriptionId: SUBSCRIPTION_ID.toUpperCase() })],
          })
        ).status,
      ).toBe(202);
      expect(await desk.taken()).toEqual([
        {
          v: 1,
          kind: 'subscription',
          tenant: 'contoso',
          id: SUBSCRIPTION_ID,
          causes: [event],
          at: desk.clock.now(),
        },
      ]);
    },
  );

  it('of several kinds in one post are one look with all causes', async () => {
    await post({ value: [lifecycle(), lifecycle({ lifecycleEvent: 'missed' })] });
    expect((await desk.taken()).map(({ causes }) => causes)).toEqual([['reauthorizationRequired', 'missed']]);
  });

  it('of a kind nobody knows yet are accepted and ignored', async () => {
    expect((await post({ value: [lifecycle({ lifecycleEvent: 'renamed' })] })).status).toBe(202);
    expect(desk.receiver.counters).toMatchObject({ ignored: 1, malformed: 0 });
    expect(await desk.taken()).toEqual([]);
  });

  it('that are forged have no effect', async () => {
    await post({ value: [lifecycle({ clientState: 'guess' }), lifecycle({ tenantId: OTHER_TENANT_ID })] });
    expect(desk.receiver.counters.forged).toBe(2);
    expect(await desk.taken()).toEqual([]);
  });

  it('are not taken at the other address, nor the other way round', async () => {
    expect((await postJson(`${desk.url}/notifications`, { value: [lifecycle()] })).status).toBe(400);
    expect((await post({ value: [notification()] })).status).toBe(400);
    expect(await desk.taken()).toEqual([]);
  });
});
