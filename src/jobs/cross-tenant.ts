import type { CrossTenantJobConfig } from '../kit/config/config.ts';
import { exchangeOf, MAIL_CONTACTS } from '../model/exchange-place.ts';
import type { Address, Card } from '../model/card.ts';
import type { AdoptRule, Route } from '../model/route.ts';
import { definitionOf } from './definition.ts';
import { isGuest } from './left-out.ts';
import { optOutGroups, shapedBy } from './mapping.ts';
import { sourceScope } from './scope.ts';

/** Raised when the meaning of mappings or of scopes changes: then everybody is shaped anew after an upgrade. */
const RULES_VERSION = 1;

/** Guests are so called in their user principal names, whatever else is said of them. */
const OF_A_GUEST = /#EXT#/i;

/** The `cross-tenant` job: people of a tenant, as mail contacts in Exchange Online of another. */
export function crossTenantRoutes(job: CrossTenantJobConfig): Route[] {
  const source = sourceScope(job.source);
  const { shape, owns, reads, withheld } = shapedBy(job.mapping);
  // No mail contact is without an address.
  const contact: Route['shape'] = (person, memberOf) => {
    const card = shape(person, memberOf);
    return card.emailAddresses?.length === 0 ? null : asKept(card);
  };
  // Asked of everybody who is looked at: nothing else of a card is worked out for it.
  const { emailAddresses } = job.mapping.fields.lists;
  const { shape: addressed } = shapedBy({
    ...job.mapping,
    fields: { texts: {}, lists: emailAddresses ? { emailAddresses } : {}, addresses: {} },
  });
  return [
    {
      id: job.id,
      job: job.id,
      sourceTenant: job.tenant,
      targetTenant: exchangeOf(job.target.tenant),
      groups: { source: source.groups, target: [], shape: optOutGroups(job.mapping) },
      units: source.units,
      barring: source.barring,
      contacts: false,
      mailGroups: job.source.mailGroups !== undefined,
      shows: [
        ...source.conditions,
        {
          rule: 'userType',
          asks: 'no guest, whatever the source includes',
          meets: (person) => !isGuest(person),
        },
        {
          rule: 'userPrincipalName',
          asks: 'not called as guests are (#EXT#)',
          meets: ({ userPrincipalName }) => !OF_A_GUEST.test(userPrincipalName ?? ''),
        },
        {
          rule: 'emailAddresses',
          asks: 'one e-mail address that is shown',
          meets: (person, memberOf) => (addressed(person, memberOf).emailAddresses ?? []).length > 0,
        },
      ],
      // The organisation is the one that is asked.
      receives: [],
      first: null,
      ownContact: false,
      owns,
      shape: contact,
      withheld,
      photo: null,
      reads: [...new Set([...reads, ...source.reads, 'userPrincipalName' as const])],
      folder: MAIL_CONTACTS,
      guard: job.guard,
      graceMs: job.graceMs,
      adopt: adoptRule(job),
      shares: null,
      definition: definitionOf(
        { version: RULES_VERSION, tenant: job.tenant, source: job.source, target: job.target },
        job.mapping,
      ),
    },
  ];
}

/** How CTCS marks what it made for people of this tenant; and whether an address alone is enough. */
function adoptRule({ adopt, sourceTenantId }: CrossTenantJobConfig): AdoptRule | null {
  if (!adopt.ctcs && !adopt.address) return null;
  return {
    foreignMark: adopt.ctcs ? `XTSYNC|${sourceTenantId}|` : null,
    folder: adopt.address ? MAIL_CONTACTS : null,
  };
}

/** One address, and everything in the spelling in which Exchange shows it again. */
function asKept(card: Card): Card {
  const [email] = card.emailAddresses ?? [];
  const { businessAddress, hidden } = card;
  return {
    ...card,
    ...(card.emailAddresses ? { emailAddresses: email ? [{ name: null, address: email.address }] : [] } : {}),
    ...(businessAddress ? { businessAddress: withFriendlyCountry(businessAddress) } : {}),
    ...(hidden === undefined ? {} : { hidden: isYes(hidden) ? 'true' : null }),
  };
}

const regions = new Intl.DisplayNames(['en'], { type: 'region' });

/** Two letters come back as the name of the country. */
function withFriendlyCountry(address: Address): Address {
  const country = address.countryOrRegion?.trim() ?? '';
  const name = /^[A-Z]{2}$/i.test(country) ? (regions.of(country.toUpperCase()) ?? country) : country;
  return { ...address, countryOrRegion: name };
}

function isYes(text: string | null): boolean {
  return /^(?:true|yes|1|y)$/i.test(text?.trim() ?? '');
}
