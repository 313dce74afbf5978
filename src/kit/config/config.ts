import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../errno.ts';
import type { ComplianceConfig } from './compliance.ts';
import type { CredentialConfig } from './credential-config.ts';
import { BAD, openYaml, type Place, type Problem } from './cursor.ts';
import type { DashboardConfig } from './dashboard.ts';
import type { ExchangeConfig } from './exchange.ts';
import type { MappingConfig } from './fields.ts';
import { file } from './file.ts';
import { resolve } from './resolve.ts';
import type { Secret } from './secret.ts';
import type { SourceConfig, TargetConfig } from './scope.ts';
import type { PrivateConfig } from './mirror.ts';
import type { LedgerConfig, QueueConfig } from './stores-config.ts';
import type { HealthConfig, Listen } from './web.ts';

/** `contact-sync.yaml`, checked, with defaults in place and references followed. */
export interface Config {
  /** Absolute path of the file it came from. */
  readonly file: string;
  readonly tenants: readonly TenantConfig[];
  readonly jobs: readonly JobConfig[];
  /** Null: nothing reaches us, so all changes are asked for every `timing.pollMs`. */
  readonly notifications: NotificationsConfig | null;
  readonly queue: QueueConfig;
  readonly ledger: LedgerConfig;
  /** Where each process answers for its health, beside the receiver's address; null: nowhere. */
  readonly health: HealthConfig | null;
  /** Where the dashboard is served; null: nowhere. */
  readonly dashboard: DashboardConfig | null;
  /** Absolute path of the data folder. Nothing is kept there when queue and ledger are elsewhere. */
  readonly data: string;
  /** Null: the data folder keeps one of its own. */
  readonly deployment: string | null;
  /** Null: the data folder keeps one of its own. */
  readonly fingerprintKey: Secret | null;
  /** With what a data folder begins that keeps no key yet; absent: with one of its own making. */
  readonly firstKey?: Secret;
  /** When the nightly sweep starts, on a 24-hour clock in an IANA time zone. */
  readonly sweep: { readonly hour: number; readonly minute: number; readonly timeZone: string };
  /** In how many nights the drift audit verifies every mailbox; null: never by itself. */
  readonly audit: { readonly nights: number | null };
  /** Per tenant; the service adapts below them. */
  readonly limits: {
    /** Batches in flight. */
    readonly concurrency: number;
    /** Parts of batches. */
    readonly requestsPer10s: number;
    /** Whether open extensions inside creates count against the pool of open extensions. */
    readonly inlineExtensions: 'unknown' | 'counted' | 'uncounted';
  };
  readonly timing: TimingConfig;
  readonly marks: 'both' | 'extendedProperty';
  readonly removal: 'permanent' | 'deletedItems';
  readonly policy: 'economy' | 'swift';
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' };
  readonly compliance: ComplianceConfig;
  /** The one job that a command is about (`--job`): the others rest, and are not withdrawn. Null: all jobs. */
  readonly onlyJob: string | null;
}

export interface TenantConfig {
  /** Key in the file. */
  readonly id: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly cloud: CloudConfig;
  readonly credential: CredentialConfig;
  /** Null: no mail contacts are kept there. */
  readonly exchange: ExchangeConfig | null;
}

/** A national cloud by name, or the https origins of another. */
type CloudConfig =
  | 'global'
  | 'gcc'
  | 'gcc-high'
  | 'dod'
  | 'china'
  | { readonly login: string; readonly graph: string; readonly exchange: string | null };

export type JobConfig = DirectoryJobConfig | CrossTenantJobConfig | MirrorJobConfig;

/** People of a tenant in mailboxes of that tenant. */
export interface DirectoryJobConfig {
  /** Key in the file; never changes. */
  readonly id: string;
  readonly kind: 'directory';
  /** Key of the tenant; it never changes either. */
  readonly tenant: string;
  /** Where that stands in the file, for what is found wrong with it later on. */
  readonly tenantPlace?: Place;
  readonly source: SourceConfig;
  readonly target: TargetConfig;
  readonly folder: string;
  /** Contacts of before that are linked instead of made anew. `folder`: by e-mail address, in the folder of this name. */
  readonly adopt?: { readonly cync: boolean; readonly folder: string | null };
  /** Whether people find themselves among the contacts of their own mailbox; no unless given. */
  readonly ownContact?: boolean;
  readonly mapping: MappingConfig;
  /** Removals beyond max(count, percent of scope) in 24 hours are held. */
  readonly guard: { readonly count: number; readonly percent: number };
}

/** People of a tenant as mail contacts in Exchange Online of another. */
export interface CrossTenantJobConfig extends Pick<
  DirectoryJobConfig,
  'id' | 'tenant' | 'tenantPlace' | 'source' | 'mapping' | 'guard'
> {
  readonly kind: 'cross-tenant';
  /** Entra id of `tenant`. */
  readonly sourceTenantId: string;
  readonly target: { readonly tenant: string };
  readonly adopt: { readonly ctcs: boolean; readonly address: boolean };
  readonly graceMs: number;
}

/** `folder`: what others keep comes into a folder of this name; into Contacts, unless it is given. */
export type MembersConfig = TargetConfig & { readonly folder?: string };

/** Contacts that mailboxes of a tenant share with one another, by way of a folder of one more, the hub. */
export interface MirrorJobConfig extends Pick<DirectoryJobConfig, 'id' | 'tenant' | 'tenantPlace' | 'guard'> {
  readonly kind: 'mirror';
  /** Whose mailboxes share their contacts. The hub is none of them, whoever they are. */
  readonly members: MembersConfig;
  /** `mailbox`: object id of its owner. */
  readonly hub: { readonly mailbox: string; readonly folder: string };
  /** What becomes of a contact that was deleted in one place. */
  readonly onDelete: 'keep' | 'everywhere' | 'restore';
  /** Edits travel; else contacts are only added. */
  readonly updateExisting: boolean;
  /** The line of the mirroring script goes into the notes of each contact. */
  readonly stampNotes: boolean;
  readonly private: PrivateConfig;
}

export interface NotificationsConfig {
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly listen: Listen;
  /** At least 32 characters. */
  readonly clientStateKey: Secret;
  readonly previousClientStateKey: Secret | null;
}

interface TimingConfig {
  /** After nothing new was seen. */
  readonly secondLookMs: number;
  /** After the last event about an object. */
  readonly quietLookMs: number;
  readonly subscriptionCheckMs: number;
  /** How often is asked for what no notification tells of. */
  readonly pollMs: number;
  /** How long a request without an answer may still be applied. */
  readonly gatewayTimeoutMs: number;
}

/** What a configuration is read with. */
export interface ReadingConfig {
  /** Absolute path of the file; relative paths in it start from its folder. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file that a reference names; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
  /** Which secrets are read: all, none, or those of these parts; the others need not be there. */
  readonly secrets: 'read' | 'unread' | readonly SecretPart[];
}

/** Parts of a configuration whose secrets belong together: whoever does not use a part need not be trusted with them. */
export type SecretPart = 'tenants' | 'clientState' | 'fingerprints' | 'queue' | 'ledger';

/** Everything that is wrong with a configuration, at once. */
export class ConfigProblems extends Error {
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const lines = problems.map(
      ({ line, path, message }) => `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`,
    );
    super(lines.join('\n'));
    this.name = 'ConfigProblems';
    this.file = file;
    this.problems = problems;
  }
}

/** Reads the text of a configuration. Throws `ConfigProblems`. */
export function readConfig(text: string, reading: ReadingConfig): Config {
  const problems: Problem[] = [];
  const top = openYaml(text, problems);
  const values = top === undefined ? BAD : file.read(top);
  const config = values === BAD ? undefined : resolve(values, { ...reading, problems });
  if (config === undefined || problems.length > 0) {
    throw new ConfigProblems(
      reading.file,
      problems.toSorted((a, b) => a.line - b.line),
    );
  }
  return config;
}

/** Reads a configuration file. Throws `ConfigProblems`, also when the file itself cannot be read. */
export function loadConfig(
  file: string,
  env: ReadingConfig['env'],
  { secrets = 'read' }: { readonly secrets?: ReadingConfig['secrets'] } = {},
): Config {
  const absolute = path.resolve(file);
  let text: string;
  try {
    text = readFile(absolute);
  } catch (fault) {
    const message = `the file cannot be read (${errorCode(fault)})`;
    throw new ConfigProblems(absolute, [{ line: 1, path: '', message }]);
  }
  return readConfig(text, { file: absolute, env, readFile, secrets });
}

function readFile(name: string): string {
  return readFileSync(name, 'utf8');
}
