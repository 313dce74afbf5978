import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/engine/compare.ts';
import type { Answer, Explanation } from '../../src/engine/explain.ts';
import type { CardRecord, LinkRecord, PlaceRecord } from '../../src/engine/ledger-port.ts';
import type { MailboxRecord } from '../../src/engine/mailbox-port.ts';
import type { Sighting } from '../../src/engine/ports.ts';
import { Fault } from '../../src/model/fault.ts';
import { directoryRoutes } from '../../src/jobs/directory.ts';
import { answerOf, nextOf } from '../../src/run/explain/words.ts';
import { somebody } from '../jobs/person-fixture.ts';
import { SEED_MAPPING } from '../kit/mapping-fixture.ts';

const NOW = 1_000_000;
const LATER = NOW + 3_600_000;
const AT = new Date(LATER).toISOString();

const [route] = directoryRoutes({
  id: 'staff',
  kind: 'directory',
  tenant: 'contoso',
  source: { groups: ['g'] },
  target: { kind: 'licensed' },
  folder: 'Staff',
  mapping: SEED_MAPPING,
  guard: { count: 1, percent: 1 },
});
if (!route) throw new Error('A job has a route.');

const present: Sighting = { kind: 'present', person: somebody() };
const unread: Sighting = { kind: 'unread', fault: new Fault('unavailable', 'away', {}) };
const absent: Sighting = { kind: 'absent', proven: false };
const card: CardRecord = {
  person: 1,
  identity: 'ann',
  route: 1,
  fingerprint: 'f',
  revision: 2,
  fannedOut: 2,
  state: 'shown',
  photo: null,
};
const mailbox: MailboxRecord = {
  key: 1,
  tenant: 'contoso',
  owner: 'bob',
  slab: 0,
  state: 'ready',
  reason: null,
  notBefore: 0,
  probes: 0,
  troubledSince: null,
  routes: [1],
};
const place: PlaceRecord = {
  place: 1,
  epoch: 1,
  distrusted: null,
  route: 1,
  routeId: 'staff',
  routeFolder: 'Staff',
  owner: 'bob',
  mailboxState: 'ready',
  notBefore: 0,
  troubledSince: null,
  folder: 'F',
  name: 'Staff',
  state: 'active',
  trusted: true,
  filled: true,
  cursor: 0,
  dirty: false,
  attempted: null,
  adopted: true,
};
const link: LinkRecord = {
  person: 1,
  place: 1,
  item: 'i',
  origin: 'created',
  fingerprint: 'f',
  revision: 2,
  state: 'known',
  attempted: null,
  photo: null,
};
const looked = { sighting: present, isGone: false, answers: [] };
const held = (kind: 'person' | 'mailbox') => ({ job: 'staff', kind, subject: 'x', since: 1 });
const no: Answer = { rule: 'disabled', asks: 'the account is not disabled', met: false, through: [] };

/** All is well but for what is said. */
function facts(changes: Partial<Explanation> = {}): Explanation {
  return {
    route: { ...route, key: 1 } as Explanation['route'],
    halt: null,
    isScopeKnown: true,
    person: { ...looked, id: 'ann', judged: { kind: 'shown', card: {}, isNew: false }, card, keptOut: null },
    owner: { ...looked, id: 'bob', judged: 'stays', mailbox },
    isOwn: false,
    guard: { person: null, mailbox: null, suspicion: null },
    place,
    work: { place, card, wanted: true, link, waitUntil: null },
    plan: { kind: 'nothing' },
    isUsable: true,
    restsUntil: 0,
    fields: { filled: [], empty: [], withheld: [], found: { kind: 'there', items: 1, differing: [] } },
    audit: { verified: null, healed: 0 },
    setbacks: [],
    ...changes,
  };
}

const person = (changes: Partial<Explanation['person']>) => ({ person: { ...facts().person, ...changes } });
const owner = (changes: Partial<Explanation['owner']>) => ({ owner: { ...facts().owner, ...changes } });
const planned = (kind: Exclude<Plan, { item: string } | { until: number }>['kind']) => ({
  work: { place, card, wanted: true, link: null, waitUntil: null },
  plan: { kind },
});
const leaves = { kind: 'leaves', card: null } as const;

describe('what happens next', () => {
  test.each<[string, Partial<Explanation>, string]>([
    ['all is well', {}, 'nothing: the contact is right as far as the ledger knows'],
    ['paused', { halt: 'paused' }, 'nothing is written before: contact-sync resume --job staff'],
    ['reverting', { halt: 'reverting' }, 'the job is taken back, until: contact-sync resume --job staff'],
    ['the person cannot be read', person({ sighting: unread, judged: null }), 'contact-sync doctor'],
    ['the owner cannot be read', owner({ sighting: unread, judged: null }), 'contact-sync doctor'],
    ['a group was not read yet', { isScopeKnown: false }, 'before every group of the job has been read once'],
    ['the mailbox joins', owner({ judged: 'joins' }), 'the mailbox gets its place'],
    ['the pilot is full', owner({ judged: 'full' }), 'nothing'],
    ['the mailbox leaves', owner({ judged: 'leaves' }), 'the guard is asked to empty the mailbox'],
    [
      'the guard holds the mailbox',
      { ...owner({ judged: 'leaves' }), guard: { person: null, mailbox: held('mailbox'), suspicion: null } },
      'the guard holds it, until: contact-sync approve --job staff',
    ],
    [
      'the owner cannot be found',
      owner({ judged: 'leaves', sighting: absent }),
      'the owner is believed to be gone when a last look finds nobody',
    ],
    [
      'the mailbox left',
      { ...owner({ judged: 'none' }), place: { ...place, state: 'leaving' } },
      'the folder is emptied',
    ],
    ['the person leaves', person({ judged: leaves }), 'the guard is asked for the removal'],
    ['the person was erased', person({ judged: leaves, keptOut: 'order' }), 'the contact is removed'],
    [
      'the person cannot be found',
      person({ judged: leaves, sighting: absent }),
      'the person is believed to be gone when a last look finds nobody',
    ],
    [
      'the guard holds the person',
      { ...person({ judged: leaves }), guard: { person: held('person'), mailbox: null, suspicion: null } },
      'the guard holds the removal',
    ],
    [
      'the grace has not ended',
      person({ judged: leaves, card: { ...card, state: 'held' } }),
      "the removal waits for the job's grace to end",
    ],
    [
      'the person changed',
      person({ judged: { kind: 'shown', card: {}, isNew: true } }),
      'the ledger has another card of this person',
    ],
    [
      'the mailbox is parked',
      owner({ mailbox: { ...mailbox, state: 'parked', notBefore: LATER } }),
      `tried again at ${AT}, or at once after: contact-sync retry --mailbox bob`,
    ],
    [
      'the mailbox asked to wait',
      { ...owner({ mailbox: { ...mailbox, notBefore: LATER } }), ...planned('create') },
      `the mailbox asked to be left alone until ${AT}`,
    ],
    ['it failed before', { ...planned('create'), restsUntil: LATER }, `is tried again at ${AT}`],
    ['the place is being filled', { ...planned('create'), isUsable: false }, 'is opened and filled first'],
    ['it is to be made', planned('create'), 'the contact is made by a running service'],
    ['it is to be looked up', planned('find'), 'looked up by its mark'],
    ['the ledger learns', planned('confirm'), 'the ledger learns that the contact is right'],
    ['the ledger forgets', planned('forget'), 'the ledger forgets'],
    ['it is to be changed', { plan: { kind: 'patch', item: 'i' } }, 'the contact is changed'],
    ['it may show one', { plan: { kind: 'look-at-picture', item: 'i' } }, 'asked whether it shows a picture'],
    ['it gets its picture', { plan: { kind: 'picture', item: 'i' } }, 'the contact gets its picture'],
    ['it is to be removed', { plan: { kind: 'remove', item: 'i' } }, 'the contact is removed'],
    ['a call has no answer', { plan: { kind: 'wait', until: LATER } }, 'looked at once more'],
    [
      'it was refused',
      { work: { place, card, wanted: true, link: { ...link, state: 'refused' }, waitUntil: null } },
      'the service refused this contact',
    ],
    [
      'its owner changed it',
      { fields: { ...facts().fields, found: { kind: 'there', items: 1, differing: ['jobTitle'] } } },
      '"contact-sync audit" at once',
    ],
    [
      'its owner changed it again and again',
      {
        audit: { verified: NOW, healed: 3 },
        fields: { ...facts().fields, found: { kind: 'there', items: 1, differing: ['jobTitle'] } },
      },
      'is accepted',
    ],
  ])('%s', (...row) => {
    const [, changes, words] = row;
    expect(nextOf(facts(changes), NOW)).toContain(words);
  });
});

describe('the answer', () => {
  const nowhere: Partial<Explanation> = { work: null, plan: null };
  test.each<[string, Partial<Explanation>, string]>([
    [
      'both speak against it: the person is named first',
      { ...person({ answers: [no] }), ...owner({ answers: [no] }), ...nowhere },
      'not in this mailbox: the person is not shown (disabled: the account is not disabled)',
    ],
    [
      'the owner',
      { ...owner({ answers: [no] }) },
      'still in this mailbox: the mailbox does not receive (disabled: the account is not disabled)',
    ],
    ['no room', { ...owner({ judged: 'full' }), ...nowhere }, 'target.first'],
    [
      'nobody was found',
      { ...person({ sighting: absent }), ...nowhere },
      'the person cannot be found in the directory',
    ],
    [
      'the owner was deleted',
      { ...owner({ sighting: absent, isGone: true }) },
      'still in this mailbox: the owner was deleted',
    ],
    [
      'a read failed',
      { ...person({ sighting: unread, judged: null }), ...nowhere },
      'more is not known, since a read failed',
    ],
    ['erased', person({ keptOut: 'order' }), 'was erased and is kept out, until: contact-sync subject ann'],
    ['kept out', person({ keptOut: 'configuration' }), '(compliance.keepOut in the configuration)'],
    ['not yet', nowhere, 'not in this mailbox yet: it belongs there'],
  ])('%s', (...row) => {
    const [, changes, words] = row;
    expect(answerOf(facts(changes))).toContain(words);
  });
});
