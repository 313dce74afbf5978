import { ANSWER_PATH } from '../../dashboard/entra.ts';
import { NO_ID } from '../../kit/config/no-id.ts';
import type { HttpResponse } from '../../kit/transport.ts';
import { entraOf, signInTenant } from '../dashboard-entra.ts';
import { failed, skipped, warning, well, type Check, type Examined, type Look } from './check.ts';
import { reached } from './reached.ts';

const PAGE = 'deploy/permissions.md, "Signing in to the dashboard"';

/**
 * Whether Entra would send browsers back to the dashboard: the first step of a sign-in, of which the authority is told to show no
 * page (`prompt=none`). Nobody is signed in here, so that it answers with an error, to the redirect URI where that is registered.
 */
export const signIn: Check<Examined> = {
  name: 'dashboard sign-in',
  needs: ['tenants'],
  look: async ({ config, role, surroundings }) => {
    const tenant = signInTenant(config);
    const entra = entraOf(config, surroundings);
    const site = config.dashboard?.entra?.publicUrl;
    if (tenant === null || entra === null || site === undefined || !['all', 'dashboard'].includes(role))
      return [];
    if ([tenant.tenantId, tenant.clientId].includes(NO_ID))
      return [skipped('its tenant is still to be filled in', tenant.id)];
    const redirectUri = `${site}${ANSWER_PATH}`;
    const asked = { redirectUri, state: 'doctor', nonce: 'doctor', challenge: 'd'.repeat(43) };
    const url = new URL(await entra.urlFor(asked));
    url.searchParams.set('prompt', 'none');
    const answer = await reached(url.href, surroundings);
    return [{ ...judge(answer, redirectUri), about: tenant.id }];
  },
};

function judge({ status, headers, body }: HttpResponse, redirectUri: string): Look {
  const location = headers['location'] ?? '';
  if (status >= 300 && status < 400 && location.startsWith(`${redirectUri}?`)) {
    const error = new URL(location).searchParams.get('error') ?? '';
    // That nobody is signed in is right here; whatever else Entra minds, it minds with everybody.
    if (/^(?:login|interaction|consent|account_selection)_required$/.test(error))
      return well(`Entra sends browsers back to ${redirectUri}`);
  }
  const code = /AADSTS\d{4,9}/.exec(location + body)?.[0];
  if (code === 'AADSTS50011')
    return failed({
      found: `the app registration does not have the redirect URI ${redirectUri} (AADSTS50011)`,
      remedy: `add it there under Authentication, platform Web, letter by letter (${PAGE})`,
    });
  if (code !== undefined)
    return warning({
      found: `Entra refuses the first step of a sign-in (${code})`,
      remedy: `look the code up at login.microsoftonline.com/error, and see ${PAGE}`,
    });
  return skipped('Entra does not tell from here whether it has the redirect URI: sign in once');
}
