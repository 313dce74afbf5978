import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PLUMBER, Village } from './village.ts';

/** Everything is read from a replica that knows nothing of the last hour, except what the delta query tells. */
let isBehind = false;
/** So many readings of one contact are up to date yet, those that follow are not; null: all are. */
let freshReadings: number | null = null;
let village: Village;
const answers = new Map<string, string>();

beforeEach(() => {
  isBehind = false;
  freshReadings = null;
  answers.clear();
  village = new Village({
    conditions: {
      transport: async (request) => {
        const answer = await village.tenant.transport(request);
        return request.url.endsWith('/$batch')
          ? { ...answer, body: asBefore(request.body, answer.body) }
          : answer;
      },
    },
  });
});
afterEach(() => village.close());

interface Call {
  readonly id: string;
  readonly method?: string;
  readonly url?: string;
}

/** The same reading is answered as it was the last time. */
function asBefore(asked: string | undefined, answered: string): string {
  const { requests } = JSON.parse(asked ?? '{}') as { requests: readonly Call[] };
  const { responses } = JSON.parse(answered) as { responses: readonly Call[] };
  const all = responses.map((response) => {
    const request = requests.find(({ id }) => id === response.id);
    const url = request?.url ?? '';
    if (request?.method !== 'GET' || !url.includes('/contacts') || url.includes('/delta')) return response;
    const before = answers.get(url);
    const isContact = url.includes('/contacts/') && freshReadings !== null;
    const isStale = isContact && (freshReadings = (freshReadings ?? 0) - 1) < 0;
    if ((isBehind || isStale) && before !== undefined)
      return { ...(JSON.parse(before) as Call), id: response.id };
    if (freshReadings === null) answers.set(url, JSON.stringify(response));
    return response;
  });
  return JSON.stringify({ responses: all });
}

/** Looks at what one mailbox shares while its replicas are behind. */
async function lookWhileBehind(index: number): Promise<void> {
  const { needs, keeper } = village.service.assembly;
  const { id } = village.member(index);
  const places = (await needs.ledger.audits.report()).filter(({ owner }) => owner === id);
  isBehind = true;
  await keeper.auditor.verify(
    places.map(({ place }) => place),
    'changes',
  );
  await village.clock.run(village.clock.now() + 20_000);
  isBehind = false;
}

describe('where a look is answered by a replica that does not know yet what the delta query has told', () => {
  test.each(['of who wrote it first', 'of a copy'])('an edit %s is not lost', async (whose) => {
    const index = whose === 'of a copy' ? 1 : 0;
    village.add(village.member(0), PLUMBER);
    await village.start();
    await village.audit();
    village.tenant.setFaults({ notificationLost: 1 });
    village.edit(village.member(index), village.named(village.member(index), 'The plumber'), {
      jobTitle: 'Master',
    });
    await lookWhileBehind(index);
    await village.rest();
    await village.audit();
    for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['Master']);
  });

  test.each(['of who wrote it first', 'of a copy'])(
    'an edit %s that is taken back is taken back',
    async (whose) => {
      const index = whose === 'of a copy' ? 1 : 0;
      village.add(village.member(0), PLUMBER);
      await village.start();
      const item = village.named(village.member(index), 'The plumber');
      village.edit(village.member(index), item, { jobTitle: 'Master' });
      await village.audit();
      for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['Master']);
      await village.audit();
      village.tenant.setFaults({ notificationLost: 1 });
      village.edit(village.member(index), item, { jobTitle: null });
      await lookWhileBehind(index);
      await village.rest();
      await village.audit();
      for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual([null]);
    },
  );
});

test('a copy that a replica does not know yet is not taken for one that its owner has deleted', async () => {
  await village.close();
  village = new Village({ switches: { mailboxStaleMs: 30_000 } });
  await village.start({ onDelete: 'everywhere' });
  village.add(village.member(0), PLUMBER);
  for (const limit = village.clock.now() + 900_000; village.clock.now() < limit;) {
    if (village.shown(village.member(1)).length > 0) break;
    await village.clock.run(village.clock.now() + 1_000);
  }
  expect(village.shown(village.member(1))).toEqual(['The plumber']);
  // Every reading is of a moment before the copy was made.
  village.tenant.setFaults({ staleRead: 1 });
  const { needs, keeper } = village.service.assembly;
  const places = (await needs.ledger.audits.report()).filter(({ owner }) => owner === village.member(1).id);
  await keeper.auditor.verify(
    places.map(({ place }) => place),
    'full',
  );
  await village.clock.run(village.clock.now() + 10_000);
  village.tenant.setFaults({ staleRead: 0 });
  await village.rest();
  await village.audit();
  for (const owner of village.all()) expect(village.shown(owner)).toEqual(['The plumber']);
});

test('an edit that was seen is not forgotten because the next reading does not know it yet', async () => {
  village.add(village.member(0), PLUMBER);
  await village.start();
  await village.audit();
  village.tenant.setFaults({ notificationLost: 1 });
  const editor = village.member(1);
  const item = village.named(editor, 'The plumber');
  // Read once, so that there is an earlier answer to give.
  village.edit(editor, item, { jobTitle: 'older' });
  await village.audit();
  await village.clock.run(village.clock.now() + 10_000);
  village.edit(editor, item, { jobTitle: 'newer' });
  const { needs, keeper } = village.service.assembly;
  const places = (await needs.ledger.audits.report()).filter(({ owner }) => owner === editor.id);
  freshReadings = 1;
  await keeper.auditor.verify(
    places.map(({ place }) => place),
    'changes',
  );
  await village.clock.run(village.clock.now() + 20_000);
  freshReadings = null;
  await village.rest(120_000);
  for (const owner of village.all()) expect(village.shown(owner, 'jobTitle')).toEqual(['newer']);
});
