/** A job as the tests describe it; the rest has the program's defaults. */
export interface Job {
  readonly groups: readonly string[];
  readonly target?: { readonly groups: readonly string[] } | { readonly users: readonly string[] };
  readonly folder?: string;
  readonly guard?: { readonly count: number; readonly percent: number };
  /** Other keys of the job, as they stand in the file. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface Configuration {
  readonly tenantId: string;
  readonly clientId: string;
  /** Of login and Graph; the global cloud when left out. */
  readonly origin?: string;
  readonly certificate?: string;
  /** Port of the receiver; the service polls when left out. */
  readonly port?: number | undefined;
  /** References such as `env:NAME`, the current one first. */
  readonly keys?: readonly string[];
  readonly jobs: Readonly<Record<string, Job>>;
  readonly timing?: Timing;
  /** Other keys at the top of the file; undefined takes one away. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Durations as the file spells them. */
export interface Timing {
  readonly secondLook?: readonly [string, string];
  readonly subscriptionCheck?: string;
  readonly poll?: string;
  readonly gatewayTimeout?: string;
}

export const FOLDER = 'Company Directory';
export const CURRENT_KEY = 'CONTACT_SYNC_CLIENT_STATE_KEY';

/** The text of `contact-sync.yaml`. JSON is YAML, so values need no quoting of their own. */
export function configurationText(given: Configuration): string {
  const { tenantId, clientId, origin, certificate = './app.pem', port, timing } = given;
  const [current = `env:${CURRENT_KEY}`, previous] = given.keys ?? [];
  const tenant = {
    tenantId,
    clientId,
    ...(origin === undefined ? {} : { cloud: { login: origin, graph: origin } }),
    credential: { certificate },
  };
  const notifications = {
    publicUrl: `http://127.0.0.1:${port}`,
    listen: `127.0.0.1:${port}`,
    clientStateKey: current,
    ...(previous === undefined ? {} : { previousClientStateKey: previous }),
  };
  const whole = {
    tenants: { contoso: tenant },
    ...(port === undefined ? {} : { notifications }),
    jobs: Object.fromEntries(Object.entries(given.jobs).map(([id, job]) => [id, jobMap(job)])),
    data: './data',
    ...(timing === undefined ? {} : { timing }),
    ...given.more,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

function jobMap({ groups, target, folder = FOLDER, guard, more }: Job): Record<string, unknown> {
  return {
    kind: 'directory',
    tenant: 'contoso',
    source: { groups },
    target: { mailboxes: target ?? 'licensed' },
    folder,
    ...(guard === undefined ? {} : { guard }),
    ...more,
  };
}
