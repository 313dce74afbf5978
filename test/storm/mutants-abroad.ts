import type { Source } from '../../src/engine/ports.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { unguarded } from './mutants-of-configurations.ts';
import type { Mutant } from './mutants.ts';
import type { PartnerPlan } from './plan.ts';
import { methods } from './spread.ts';

const QUIET: PartnerPlan = {
  faults: {},
  exchange: {},
  graceMs: 0,
  bustle: 0,
  managers: 0,
  mailGroups: null,
  managerTold: 'everywhere',
};

/** Lets `change` rewrite the text of every answer to a request that fits. */
function onAnswers(fits: RegExp, change: (body: string) => string) {
  return (transport: Transport): Transport =>
    async (request) => {
      const response = await transport(request);
      if (!fits.test(`${request.url} ${request.body ?? ''}`)) return response;
      return { ...response, body: change(response.body) };
    };
}

/** Nobody asks whether a guest has the address. */
export const guestsNotAsked: Mutant = {
  name: 'guests not asked',
  job: 'cross-tenant',
  mode: 'C',
  plan: { crash: 0, faults: {}, partner: { ...QUIET, bustle: 0.5 } },
  transport: onAnswers(/otherMails%2Fany|otherMails\/any/, (body) =>
    body.replaceAll(/"value":\[\{"id":"[^"]*","userType":"Guest"\}\]/g, '"value":[]'),
  ),
};

/** Exchange that asks to wait is asked again at once. */
export const exchangeNotWaitedFor: Mutant = {
  name: 'Retry-After of Exchange ignored',
  job: 'cross-tenant',
  mode: 'A',
  plan: {
    crash: 0,
    faults: { notificationLost: 1 },
    partner: { ...QUIET, faults: { exchangeThrottled: 0.3 } },
  },
  transport: (transport) => async (request) => {
    const response = await transport(request);
    if (!request.url.includes('/adminapi/')) return response;
    const { 'retry-after': asked, ...headers } = response.headers;
    const body = response.body.replaceAll(/"Retry-After":"[\d.]+"/g, '"Retry-After":"0.1"');
    return {
      ...response,
      body,
      headers: asked === undefined ? headers : { ...headers, 'retry-after': '0.1' },
    };
  },
};

/** Whoever leaves goes, however many they are. */
export const unguardedAbroad: Mutant = {
  ...unguarded,
  name: `${unguarded.name}, abroad`,
  job: 'cross-tenant',
  plan: { crash: 0, faults: {}, ledgerLoss: 0, changes: 120, leavers: 15, partner: QUIET },
};

/** Whoever names somebody whose contact is another now, or gone, is left as they are. */
export const namersForgotten: Mutant = {
  name: 'whoever names a new contact is not written again',
  job: 'cross-tenant',
  mode: 'B',
  plan: { crash: 0, faults: {}, partner: { ...QUIET, managers: 0.5 } },
  parts: (parts) => ({
    ...parts,
    ledger: {
      ...methods(parts.ledger),
      links: {
        ...methods(parts.ledger.links),
        save: ({ moved: _forgotten, ...rest }) => parts.ledger.links.save(rest),
      },
    },
  }),
};

/** What nobody tells is not looked for. */
export const silenceBelieved: Mutant = {
  name: 'silence about managers believed',
  job: 'cross-tenant',
  mode: 'A',
  plan: {
    crash: 0,
    faults: { notificationLost: 1 },
    partner: { ...QUIET, managers: 0.5, managerTold: 'nowhere' },
  },
  parts: (parts) => ({
    ...parts,
    sources: new Map(
      [...parts.sources].map(([key, source]) => [key, { ...methods(source), keepsSilent: false }]),
    ),
  }),
};

/** Notifications about groups are about their members alone. */
export const groupsThemselvesForgotten: Mutant = {
  name: 'groups themselves forgotten',
  job: 'cross-tenant',
  mode: 'B',
  plan: { crash: 0, faults: {}, partner: { ...QUIET, mailGroups: 0.5 } },
  parts: (parts) => ({
    ...parts,
    sources: new Map([...parts.sources].map(([key, source]) => [key, withoutGroups(source)])),
  }),
};

/** Whoever asks which lists there are while a notification is handled is not told of groups. */
function withoutGroups(source: Source): Source {
  return {
    ...methods(source),
    listings: source.listings.filter((listing) => listing !== 'groups'),
    async *changedPeople(token, listing) {
      if (listing === 'users' && token === null)
        for await (const page of source.changedPeople(null, 'groups')) yield { ...page, token: null };
      yield* source.changedPeople(token, listing);
    },
  };
}
