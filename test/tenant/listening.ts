import { expect } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../src/kit/transport.ts';
import type { TenantOptions } from './options.ts';
import type { Mailbox } from './mailbox/mailbox.ts';
import { probe, type Probe, type Told } from './probe.ts';
import { echo } from './receiver.ts';
import { MAIN_ROLES } from './tenant.ts';

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
    const asked = on.ask('POST', 'subscriptions', { body: wanted(on, resource, 20) });
    expect((await on.clock.through(asked)).status).toBe(201);
  }
  return on;
}

function wanted(on: Probe, resource: string, days: number): Record<string, unknown> {
  return {
    changeType: 'updated,deleted',
    resource,
    clientState: `secret of ${resource.split('/')[0]}`,
    notificationUrl: `https://sync.contoso.example/${resource.split('/')[0]}`,
    lifecycleNotificationUrl: 'https://sync.contoso.example/lifecycle',
    expirationDateTime: new Date(on.clock.now() + days * 24 * 3_600_000).toISOString(),
  };
}

/** What an app with `Contacts.Read` asks for to be told of contacts. */
export function askForContacts(
  on: Probe,
  resource: string,
  { headers = {}, ...extra }: { headers?: Record<string, string> } & Record<string, unknown> = {},
): Promise<Told> {
  const urls = { notificationUrl: 'https://sync.contoso.example/contacts' };
  const contacts = { changeType: 'created,updated,deleted', clientState: 'secret of contacts', ...urls };
  const body = { ...wanted(on, resource, 6), ...contacts, ...extra };
  return on.clock.through(on.ask('POST', 'subscriptions', { body, headers }));
}

/** Those of the main job, and the one that lets an app be told of contacts. */
export const CONTACT_ROLES: readonly string[] = [...MAIN_ROLES, 'Contacts.Read'];

/** The same for an app that is also told of the contacts of one mailbox; what was posted before is forgotten. */
export async function listenToContacts(
  options: Partial<TenantOptions> = {},
  headers: Record<string, string> = {},
): Promise<{ on: Listening; id: string; mailbox: Mailbox; subscription: string }> {
  const on = await listen({ app: { roles: CONTACT_ROLES }, ...options });
  const { id } = on.owner();
  const made = await askForContacts(on, `users/${id}/contacts`, { headers });
  expect(made.status).toBe(201);
  await on.clock.run();
  on.posts.length = 0;
  return { on, id, mailbox: on.tenant.mailboxes.get(id), subscription: String(made.body['id']) };
}

/** What was told of contacts since the last look: what happened to which item. */
export async function told(on: Listening): Promise<string[]> {
  await on.clock.run();
  const items = on.items().filter(({ clientState }) => clientState === 'secret of contacts');
  on.posts.length = 0;
  return items.map(({ changeType, resourceData }) => {
    const { id } = resourceData as { id: string };
    return `${String(changeType)} ${id}`;
  });
}
