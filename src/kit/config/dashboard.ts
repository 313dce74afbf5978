import type { FileValues } from './file.ts';
import { ID } from './jobs.ts';
import { object } from './maps.ts';
import { demandTenant, report, type Resolving } from './references.ts';
import { located, maybe, optional, required, type Shape } from './shapes.ts';
import { isLoopbackHost, knownAddress, siteOrigin, type Listen } from './web.ts';
import { duration, matching } from './words.ts';

/** Where administrators look on and act. */
export interface DashboardConfig {
  readonly listen: Listen;
  /** Null: a link of the command line alone signs in, over loopback. */
  readonly entra: {
    /** Key of the tenant whose people sign in, with its app registration. */
    readonly tenant: string;
    /** Origin by which browsers call it, without a slash at the end. */
    readonly publicUrl: string;
  } | null;
  readonly sessions: {
    /** After so long without a page that somebody asked for. */
    readonly idleMs: number;
    /** In any case. */
    readonly longestMs: number;
  };
}

export const dashboard = object({
  listen: optional(
    located(knownAddress),
    '127.0.0.1:8090',
    'Address and port; another than a loopback address only beside entra.',
  ),
  publicUrl: maybe(
    located(siteOrigin),
    'Origin by which browsers call the dashboard, behind a proxy; beside entra alone.',
  ),
  entra: maybe(
    located(
      object({
        tenant: required(
          located(matching(ID.pattern, 'the id of a tenant in this file')),
          'Whose people sign in, by the app registration of that tenant.',
        ),
      }),
    ),
    'Sign-in through Microsoft Entra, beside the link: app roles ContactSync.Admin and ContactSync.Reader.',
  ),
  sessions: optional(
    object({
      idle: optional(
        duration('1m', '1d'),
        '1h',
        'A session ends after so long without a page that somebody asked for.',
      ),
      longest: optional(duration('5m', '7d'), '12h', 'It ends after so long in any case.'),
    }),
    {},
    'How long somebody stays signed in.',
  ),
});

type DashboardValues = typeof dashboard extends Shape<infer T> ? T : never;

/** Reports what does not go together: nobody beyond this machine reaches pages to which a link alone signs in. */
export function resolveDashboard(
  given: DashboardValues | null,
  values: FileValues,
  resolving: Resolving,
): DashboardConfig | null {
  if (given === null) return null;
  const { listen, publicUrl, entra, sessions } = given;
  if (entra === null && !isLoopbackHost(listen.value.host))
    report(
      resolving,
      listen.place,
      'expected a loopback address and port such as 127.0.0.1:8090: a tunnel or SSH leads there from elsewhere, and other addresses take publicUrl and entra',
    );
  if (entra === null && publicUrl !== null)
    report(resolving, publicUrl.place, 'means something beside entra alone: add entra, or remove it');
  if (entra !== null && publicUrl === null)
    report(
      resolving,
      entra.place,
      'takes publicUrl beside it, such as https://dashboard.contoso.com: Entra sends browsers back there',
    );
  if (entra !== null) {
    const { tenant } = entra.value;
    const found = demandTenant(tenant, values, resolving);
    if (found?.credential.value.key === 'managedIdentity')
      report(
        resolving,
        tenant.place,
        `the tenant ${found.id} has a managed identity, which proves nothing at a sign-in: expected a tenant with another credential`,
      );
  }
  return {
    listen: listen.value,
    entra:
      entra === null || publicUrl === null
        ? null
        : { tenant: entra.value.tenant.value, publicUrl: publicUrl.value },
    sessions: { idleMs: sessions.idle, longestMs: sessions.longest },
  };
}
