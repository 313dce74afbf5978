import { compliance } from './compliance.ts';
import { credential } from './credential.ts';
import { dashboard } from './dashboard.ts';
import { exchange } from './exchange.ts';
import { secretReference } from './secret.ts';
import { ID, job } from './jobs.ts';
import { byId, object } from './maps.ts';
import { RULE_DEFINITIONS } from './rules.ts';
import { ledger, queue } from './stores.ts';
import { either, list, located, maybe, optional, required, type JsonSchema, type Shape } from './shapes.ts';
import { FILLING_DEFINITION } from './template.ts';
import { httpsOrigin, listenAddress, METRICS_FOR, publicUrl } from './web.ts';
import { choice, duration, guid, matching, timeOfDay, timeZone, truth, wholeNumber } from './words.ts';

const cloud = either(
  choice(['global', 'gcc', 'gcc-high', 'dod', 'china']),
  object({
    login: required(httpsOrigin, 'Where tokens are issued.'),
    graph: required(httpsOrigin, 'Where Microsoft Graph answers.'),
    exchange: maybe(httpsOrigin, 'Where Exchange Online answers.'),
  }),
);

const tenant = object({
  tenantId: required(located(guid), 'Directory (tenant) id of the Entra tenant.'),
  clientId: required(guid, 'Application (client) id of the app registration.'),
  cloud: optional(cloud, 'global', 'National cloud, or the login and graph origins of one of your own.'),
  credential: required(credential, 'How the app proves itself: exactly one of these.'),
  exchange: maybe(exchange, 'For tenants whose Exchange Online gets mail contacts.'),
  allowClientSecret: optional(truth, false, 'Lets credential be a clientSecret.'),
});

const notifications = object({
  publicUrl: required(publicUrl, 'Graph posts to <publicUrl>/notifications and <publicUrl>/lifecycle.'),
  listen: optional(
    listenAddress,
    '127.0.0.1:8080',
    'Address and port of the receiver, behind a reverse proxy.',
  ),
  clientStateKey: required(
    located(secretReference),
    'Key of at least 32 characters that makes notifications authentic.',
  ),
  previousClientStateKey: maybe(
    located(secretReference),
    'The key before, still accepted while it is being replaced.',
  ),
});

const timing = object({
  secondLook: optional(
    list(duration('10ms', '1d'), { min: 2, max: 2 }),
    ['1m', '5m'],
    'When to look again after nothing new was seen, and for the quiet last look after an event.',
  ),
  subscriptionCheck: optional(duration('100ms', '1d'), '5m', 'How often subscriptions are checked.'),
  poll: optional(
    duration('100ms', '1d'),
    '5m',
    'How often to ask for changes of which no notification tells: of all, where there are none.',
  ),
  gatewayTimeout: optional(
    duration('10ms', '1h'),
    '2m',
    'How long a request without an answer may still be applied.',
  ),
});

/** The whole of `contact-sync.yaml`. Validation and JSON Schema both come from here. */
export const file = object({
  tenants: required(byId(ID, tenant), 'Entra tenants, by an id of your choice.'),
  jobs: required(byId(ID, job), 'What to sync, by an id that never changes: a new id is a new job.'),
  notifications: maybe(
    notifications,
    'How Graph reaches us. Without it, changes are asked for at an interval.',
  ),
  queue: optional(queue, 'sqlite', 'Where messages wait. sqlite: in the data folder, for one process.'),
  ledger: optional(ledger, 'sqlite', 'Where the ledger lies. sqlite: in the data folder, for one process.'),
  health: maybe(
    object({
      listen: required(listenAddress, 'Address and port; never to be opened to the world.'),
      metrics: optional(
        choice(METRICS_FOR),
        'sameMachine',
        'Who may ask for /metrics there, for Prometheus: by the address of the connection.',
      ),
    }),
    'Where each process answers /healthz, /readyz and /metrics. A receiver answers the first two where it listens as well.',
  ),
  dashboard: maybe(
    dashboard,
    'Where administrators see how things stand, and sign in with a link of "contact-sync dashboard link" or through Microsoft Entra. Left out: nowhere.',
  ),
  data: optional(
    matching('^\\S(.*\\S)?$', 'a path'),
    './data',
    'Folder of the SQLite files, relative to this file.',
  ),
  deployment: maybe(
    matching('^[a-z0-9][a-z0-9-]{0,35}$', 'up to 36 lower-case letters, digits and dashes'),
    'Id in every mark of this installation. Made on the first start when left out.',
  ),
  fingerprintKey: maybe(
    located(secretReference),
    'Key of the fingerprints in the ledger. Made on the first start when left out.',
  ),
  sweep: optional(
    object({
      at: optional(timeOfDay, '02:00', 'When the nightly sweep starts.'),
      timeZone: optional(timeZone, 'UTC', 'The time zone of "at".'),
    }),
    {},
    'The nightly sweep that finds what was never notified.',
  ),
  audit: optional(
    object({
      nights: optional(
        wholeNumber(0, 365),
        7,
        'In so many nights every managed folder is verified, an equal share each; 0: never.',
      ),
    }),
    {},
    'The drift audit, after the nightly sweep: what owners changed in managed folders is put right.',
  ),
  limits: optional(
    object({
      concurrency: optional(wholeNumber(1, 1000), 64, 'Batches in flight, per tenant; adaptive below that.'),
      // 130,000 per 10 s is what Graph grants one app over all tenants.
      // 64 batches in flight, four calls of each at a time, make 17,000 of 150 ms each: concurrency is what usually limits.
      requestsPer10s: optional(wholeNumber(1, 130_000), 20_000, 'Requests in 10 seconds, per tenant.'),
      inlineExtensions: optional(
        choice(['unknown', 'counted', 'uncounted']),
        'unknown',
        'Whether extensions inside creates count against 455 in 10 seconds. Microsoft does not say; unknown finds out.',
      ),
    }),
    {},
    'Upper limits per tenant.',
  ),
  timing: optional(timing, {}, 'Intervals. The defaults suit Microsoft Graph.'),
  marks: maybe(
    located(choice(['both', 'extendedProperty'])),
    'What makes a contact ours. Default: both, but extendedProperty for China.',
  ),
  removal: optional(choice(['permanent', 'deletedItems']), 'permanent', 'Where removed contacts go.'),
  policy: optional(
    choice(['economy', 'swift']),
    'economy',
    'Fewest requests, or smaller batches that answer sooner.',
  ),
  log: optional(
    object({ level: optional(choice(['debug', 'info', 'warn', 'error']), 'info', 'Least level logged.') }),
    {},
    'The log.',
  ),
  compliance,
});

/** What reading yields, before references are followed. */
export type FileValues = typeof file extends Shape<infer T> ? T : never;

/** JSON Schema of the file, for editors. */
export function configJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'contact-sync.yaml',
    definitions: { ...RULE_DEFINITIONS, ...FILLING_DEFINITION },
    ...file.json,
  };
}
