import { Fault } from '../../model/fault.ts';
import {
  causeOf,
  failed,
  NotLookedAt,
  skipped,
  warning,
  well,
  type Check,
  type ExaminedTenant,
} from './check.ts';
import { judgeRoles, neededIn } from './needs.ts';
import { reached } from './reached.ts';
import { rolesOf } from './tenant-visit.ts';
import { tokenRemedy } from './token-remedy.ts';

/** Entra ID takes an assertion that is up to five minutes early or late (AADSTS700024). */
const CLOCK_REFUSED_MS = 5 * 60_000;
/** Nothing suffers yet; a clock that is set by the network is not that far out. */
const CLOCK_OFF_MS = 60_000;
/** A date in a header has whole seconds. */
const SECOND_MS = 1_000;

/** The login host answers, and our clock agrees with its. */
export const clock: Check<ExaminedTenant> = {
  name: 'clock',
  needs: ['tenants'],
  look: async ({ tenant, visit, surroundings }) => {
    const { login } = visit.origins;
    const asked = surroundings.clock.now();
    // Anybody may read it, also of a tenant that is none.
    const metadata = `${login}/${tenant.tenantId}/v2.0/.well-known/openid-configuration`;
    const answer = await reached(metadata, surroundings);
    const answered = surroundings.clock.now();
    const theirs = Date.parse(answer.headers['date'] ?? '');
    if (Number.isNaN(theirs)) return [skipped(`${login} does not say what time it is`)];
    // Somewhere between question and answer, and up to a second later than it says.
    const ahead = outside(asked + answered - 2 * theirs - SECOND_MS, answered - asked + SECOND_MS) / 2;
    const off = `${Math.round(Math.abs(ahead) / 1_000)} s ${ahead < 0 ? 'behind' : 'ahead of'} ${login}`;
    const remedy =
      'let the machine keep its time: switch on chrony, systemd-timesyncd or the time service of Windows';
    if (Math.abs(ahead) >= CLOCK_REFUSED_MS)
      return [failed({ found: `the clock is ${off}; beyond 300 s no token is given`, remedy })];
    if (Math.abs(ahead) >= CLOCK_OFF_MS) return [warning({ found: `the clock is ${off}`, remedy })];
    return [well(`agrees with ${login}`)];
  },
};

/** What is left of a difference beyond what cannot be known. */
function outside(difference: number, slack: number): number {
  return Math.sign(difference) * Math.max(0, Math.abs(difference) - slack);
}

export const token: Check<ExaminedTenant> = {
  name: 'token',
  needs: ['tenants'],
  look: async ({ tenant, visit }) => {
    try {
      const { lifetimeMs } = await visit.acquired();
      return [well(`given for ${Math.round(lifetimeMs / 60_000)} minutes`)];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [failed({ found: causeOf(error), remedy: tokenRemedy(error, tenant) })];
    }
  },
};

/** Too few do not work; too many are a danger that nobody asked for. */
export const permissions: Check<ExaminedTenant> = {
  name: 'permissions',
  needs: ['tenants'],
  look: async ({ tenant, config, visit }) => {
    const roles = rolesOf((await visit.demandToken()).token);
    if (roles === null) throw new NotLookedAt('the token does not let its permissions be read');
    const { missing, extra, byExchange } = judgeRoles(roles, neededIn(tenant.id, config));
    const looks = [
      ...missing.map(({ name, why }) =>
        failed({
          found: `${name} is missing: it ${why}`,
          remedy: `grant ${name} as an application permission, with admin consent (deploy/permissions.md); a token may be some minutes older than the grant`,
        }),
      ),
      ...extra.map((name) =>
        failed({
          found: `${name} is granted and not needed`,
          remedy: `remove ${name} from the app registration (API permissions), or the assignment of it: whoever has the key has it`,
        }),
      ),
    ];
    if (looks.length > 0) return looks;
    const granted = roles.toSorted().join(', ');
    return [
      well(
        byExchange
          ? `${granted}; Contacts.ReadWrite is not in the token, which is right where Exchange grants it for some mailboxes`
          : granted,
      ),
    ];
  },
};
