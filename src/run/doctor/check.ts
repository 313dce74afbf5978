import { toldOf } from '../../kit/told.ts';
import type { Config, JobConfig, SecretPart, TenantConfig } from '../../kit/config/config.ts';
import { Fault } from '../../model/fault.ts';
import type { RoleName } from '../role-name.ts';
import type { Surroundings } from '../service.ts';
import type { TenantVisit } from './tenant-visit.ts';

/** What was seen at one place. */
export interface Look {
  /**
   * `well`; `warning`: it works today, and somebody has to do something all the same; `failed`; `skipped`: it was not looked
   * at, and the reason is told.
   */
  readonly state: 'well' | 'warning' | 'failed' | 'skipped';
  /** Of a tenant, a job, a file, where the check is about several. */
  readonly about?: string;
  /** What is there; where it is not well, the cause. No name, number or address of a person. */
  readonly found: string;
  /** What to do about it; always there for a warning and a failure. */
  readonly remedy?: string;
}

/** One precondition of the service. Whoever adds one adds an object to a list. */
export interface Check<Given> {
  /** Short and constant: scripts look for it. */
  readonly name: string;
  /** The secrets that it works with: a role without them does not have this precondition. */
  readonly needs: readonly SecretPart[];
  /** Changes nothing anywhere. What it throws is a failure of the check. */
  look(given: Given): Promise<readonly Look[]>;
}

/** What every check may use. */
export interface Examined {
  readonly config: Config;
  readonly role: RoleName;
  readonly versions: Versions;
  readonly surroundings: Surroundings;
}

export interface Versions {
  readonly program: string;
  /** Of Node, as `process.versions.node` says it. */
  readonly node: string;
}

export interface ExaminedTenant extends Examined {
  readonly tenant: TenantConfig;
  readonly visit: TenantVisit;
}

/** A job, and the tenant whose people it shows. */
export interface ExaminedJob extends ExaminedTenant {
  readonly job: JobConfig;
  /** Every tenant that can be asked, by its key. */
  readonly tenants: ReadonlyMap<string, ExaminedTenant>;
}

/** What a check cannot look at as long as something before it fails. */
export class NotLookedAt extends Error {
  override readonly name = 'NotLookedAt';
}

export function well(found: string, about?: string): Look {
  return { state: 'well', found, ...of(about) };
}

export function skipped(found: string, about?: string): Look {
  return { state: 'skipped', found, ...of(about) };
}

interface Trouble {
  readonly found: string;
  readonly remedy: string;
  readonly about?: string | undefined;
}

export function warning({ found, remedy, about }: Trouble): Look {
  return { state: 'warning', found, remedy, ...of(about) };
}

export function failed({ found, remedy, about }: Trouble): Look {
  return { state: 'failed', found, remedy, ...of(about) };
}

function of(about: string | undefined): { about?: string } {
  return about === undefined ? {} : { about };
}

/** What a check threw, as a look. */
export function lookOf(thrown: unknown): Look {
  if (thrown instanceof NotLookedAt) return skipped(thrown.message);
  if (thrown instanceof Fault)
    return failed({ found: causeOf(thrown), remedy: REMEDIES[thrown.kind] ?? ANY });
  return failed({ found: `the check broke off (${toldOf(thrown)})`, remedy: ANY });
}

/** A fault in one line: what was said, and the codes that can be looked up. */
export function causeOf({ message, status, code }: Fault): string {
  const codes = [status, code].filter((part) => part !== undefined && !message.includes(String(part)));
  return codes.length === 0 ? message : `${message} (${codes.join(' ')})`;
}

const ANY = 'run it again with --debug, and report what it says if it stays';

/** What each kind of refusal most often means for the one who reads it. */
const REMEDIES: Readonly<Partial<Record<Fault['kind'], string>>> = {
  throttled: 'Microsoft asks to wait: run it again in a few minutes',
  unavailable: 'check the network, the name resolution and the proxy in between, then run it again',
  'unknown-outcome': 'check the network and the proxy in between, then run it again',
  unauthorized: 'check tenantId, clientId and the certificate of the app registration',
  forbidden: 'grant the permissions in deploy/permissions.md, with admin consent; it may take some minutes',
};
