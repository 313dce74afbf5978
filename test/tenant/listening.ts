import { expect } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../src/kit/transport.ts';
import type { TenantOptions } from './options.ts';
import { probe, type Probe } from './probe.ts';
import { echo } from './receiver.ts';

/** A probe with live subscriptions to users and groups, and all that is posted to them. */
export interface Listening extends Probe {
  /** Bodies of the posts that are no handshakes. */
  readonly posts: { url: string; body: string; at: number }[];
  /** Answers the next posts with this; 202 unless set. */
  answer: (post: { at: number }) => Promise<HttpResponse> | HttpResponse;
  items: () => Record<string, unknown>[];
}

export async function listen(options: Partial<TenantOptions> & { seed?: number } = {}): Promise<Listening> {
  const posts: Listening['posts'] = [];
  const on: Listening = {
    ...probe({
      ...options,
      deliver: async (request: HttpRequest) => {
        if (request.url.includes('validationToken=')) return echo(request);
        const post = { url: request.url, body: request.body ?? '', at: on.clock.now() };
        posts.push(post);
        return on.answer(post);
      },
    }),
    posts,
    answer: () => ({ status: 202, headers: {}, body: '' }),
    items: () =>
      posts.flatMap(({ body }) => (JSON.parse(body) as { value: Record<string, unknown>[] }).value),
  };
  for (const resource of ['users', 'groups']) {
    const asked = on.ask('POST', 'subscriptions', {
      body: {
        changeType: 'updated,deleted',
        resource,
        clientState: `secret of ${resource}`,
        notificationUrl: `https://sync.contoso.example/${resource}`,
        lifecycleNotificationUrl: 'https://sync.contoso.example/lifecycle',
        expirationDateTime: new Date(on.clock.now() + 20 * 24 * 3_600_000).toISOString(),
      },
    });
    expect((await on.clock.through(asked)).status).toBe(201);
  }
  return on;
}
