import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Random } from '../../src/kit/random.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import { contactFaultKinds, faultKinds, type FaultKind, type Faults } from './faults.ts';
import { askForContacts, CONTACT_ROLES, listen, type Listening } from './listening.ts';
import { makeFolder, marks } from './probe.ts';

const KINDS: readonly FaultKind[] = [...faultKinds, ...contactFaultKinds];
const ALL: Faults = Object.fromEntries(KINDS.map((kind) => [kind, 0.06]));

/** Somebody who asks for everything in no sensible order, while people change and owners interfere. */
async function wander(on: Listening, seed: number): Promise<string[]> {
  const random = seededRandom(seed);
  const { directory, mailboxes } = on.tenant;
  const owners = Array.from({ length: 4 }, () => on.owner());
  const group = directory.addGroup();
  const folders = new Map<string, string>();
  for (const { id } of owners) folders.set(id, await on.clock.through(makeFolder(on, id)));
  const trace: string[] = [];
  let link = 'users/delta';
  on.tenant.setFaults(ALL);
  const steps = [
    async () => {
      const requests = owners.map(({ id }, n) => ({
        id: `${n}`,
        method: 'POST',
        url: folders.get(id),
        headers: { 'Content-Type': 'application/json' },
        body: { displayName: 'A', ...marks(pick(random, owners).id) },
      }));
      return on.batch(requests);
    },
    async () => {
      const answer = await on.ask('GET', link);
      if ([400, 404, 410].includes(answer.status)) link = 'users/delta';
      else link = answer.nextLink ?? answer.deltaLink ?? link;
      return answer;
    },
    () => on.ask('GET', `users/${pick(random, owners).id}`),
    () => on.ask('GET', `groups/${group.id}/members`),
    () => on.ask('GET', folders.get(pick(random, owners).id) ?? ''),
    async () => {
      const { id } = pick(random, owners);
      const [item] = mailboxes.get(id).items();
      const contact = item === undefined ? 'none' : mailboxes.get(id).ids.regular(item);
      return on.ask('PATCH', `users/${id}/contacts/${encodeURIComponent(contact)}`, {
        body: { jobTitle: 'x' },
      });
    },
  ];
  for (let step = 0; step < 600; step += 1) {
    directory.updateUser(pick(random, owners).id, { jobTitle: `t${step}` });
    if (chance(random, 0.5)) directory.addMember(group.id, pick(random, owners).id);
    else directory.removeMember(group.id, pick(random, owners).id);
    const asked = pick(random, steps)().then(
      (answer) => JSON.stringify([answer.status, answer.body]),
      (error: unknown) => String(error),
    );
    trace.push(await on.clock.through(asked));
    await on.clock.run(on.clock.now() + integer(random, 60_000));
    const resources = on.tenant.subscriptions.all().map(({ resource }) => resource);
    if (resources.every((resource) => resource.endsWith('/contacts'))) await resubscribe(on);
    interfere(on, random, pick(random, owners).id);
    await subscribeToContacts(on, owners[0]?.id ?? '');
  }
  on.tenant.setFaults({});
  await on.clock.run();
  return [
    ...trace,
    ...on.posts.map(({ at, body }) => `${at} ${createHash('sha256').update(body).digest('hex')}`),
  ];
}

/** An owner at work in the default folder. */
function interfere({ tenant: { mailboxes } }: Listening, random: Random, id: string): void {
  const mailbox = mailboxes.get(id);
  const items = [...mailbox.contacts.items.values()];
  const [folder] = mailbox.folders.values();
  if (items.length === 0 || chance(random, 0.3)) return void mailboxes.addContact(id, { displayName: 'B' });
  const item = pick(random, items);
  const deeds = [
    () => mailboxes.editContact(id, item, { jobTitle: 'y' }),
    () => mailboxes.setSensitivity(id, item, 'private'),
    () => mailboxes.copyContact(id, item, folder),
    () => mailboxes.moveContact(id, item, folder ?? mailbox.contacts),
    () => mailboxes.deleteContact(id, item),
  ];
  pick(random, deeds)();
}

async function subscribeToContacts(on: Listening, id: string): Promise<void> {
  if (on.tenant.subscriptions.ofMailbox(id).length > 0) return;
  await askForContacts(on, `users/${id}/contacts`).catch(() => undefined);
}

async function resubscribe(on: Listening): Promise<void> {
  const expirationDateTime = new Date(on.clock.now() + 24 * 3_600_000).toISOString();
  const body = {
    changeType: 'updated',
    resource: 'users',
    clientState: 's',
    notificationUrl: 'https://r.example/n',
    expirationDateTime,
  };
  await on.clock.through(on.ask('POST', 'subscriptions', { body }).catch(() => undefined));
}

it('one seed is one run, every kind of fault occurs, and nothing breaks that is not meant to', async () => {
  const options = { seed: 3, latencyMs: 50, app: { roles: CONTACT_ROLES } };
  const [first, again] = [await listen(options), await listen(options)];
  const trace = await wander(first, 1);
  expect(await wander(again, 1)).toEqual(trace);
  const never = KINDS.filter((kind) => !first.tenant.faultCounts.has(kind));
  expect(never).toEqual([]);
  expect([...again.tenant.faultCounts]).toEqual([...first.tenant.faultCounts]);
  expect(again.tenant.oracles.violations).toEqual(first.tenant.oracles.violations);
  const unexpected = trace.filter(
    (line) => /^\w*Error/.test(line) && !/fetch failed|JSON|Unexpected/.test(line),
  );
  expect(unexpected).toEqual([]);
  expect(first.tenant.notifier.pending).toBe(0);
});
