import type { Entra } from '../dashboard/entra.ts';
import type { Credential } from '../graph/credential.ts';
import { createSignIn } from '../graph/sign-in.ts';
import type { Config, TenantConfig } from '../kit/config/config.ts';
import { credentialOf } from './credentials.ts';
import type { Surroundings } from './service.ts';

/** The tenant whose people sign in to the dashboard; null: nobody does but by a link. */
export function signInTenant({
  dashboard,
  tenants,
}: Pick<Config, 'dashboard' | 'tenants'>): TenantConfig | null {
  const key = dashboard?.entra?.tenant;
  return tenants.find(({ id }) => id === key) ?? null;
}

/** Microsoft Entra as the dashboard asks it, by the app registration of that tenant. */
export function entraOf(config: Config, surroundings: Surroundings): Entra | null {
  const tenant = signInTenant(config);
  if (tenant === null) return null;
  let credential: Credential | undefined;
  return createSignIn({
    ...surroundings,
    ...tenant,
    credential: () => (credential ??= credentialOf(tenant.credential, surroundings)),
  });
}
