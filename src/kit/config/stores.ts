import { object, oneOfKinds } from './maps.ts';
import { secretReference } from './secret.ts';
import { either, located, maybe, optional, required, type Shape } from './shapes.ts';
import { choice, duration, guid, matching, wholeNumber } from './words.ts';

const path = matching('^\\S(.*\\S)?$', 'a path');

/** Letters of any case would name the same queue twice: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules. */
const queueName = matching(
  '^[a-z0-9]([a-z0-9._-]{0,258}[a-z0-9])?$',
  'the name of a queue: lower-case letters, digits, dots, dashes and underscores',
);

const identity = oneOfKinds({
  managedIdentity: required(
    object({
      clientId: maybe(guid, 'Client id of a user-assigned identity; the system-assigned one without it.'),
    }),
    'The identity of the Azure host that the process runs on.',
  ),
  workloadIdentity: required(
    object({
      tenantId: maybe(guid, 'Tenant of what is opened. Default: AZURE_TENANT_ID.'),
      clientId: maybe(guid, 'App that the token is for. Default: AZURE_CLIENT_ID.'),
      tokenFile: maybe(located(path), 'File with the federated token. Default: AZURE_FEDERATED_TOKEN_FILE.'),
    }),
    'A token of another issuer that an app trusts (federated credential).',
  ),
});

const serviceBus = object({
  namespace: maybe(
    matching(
      '^[a-z0-9-]+(\\.[a-z0-9-]+)+$',
      'the host name of a namespace such as contoso-sync.servicebus.windows.net',
    ),
    'Host name of the namespace; needs no secret.',
  ),
  connectionString: maybe(
    located(secretReference),
    'In place of namespace: for the emulator, or where nothing but keys is to be had.',
  ),
  credential: maybe(
    located(identity),
    'What the namespace is asked with. Default: the managed identity of the host.',
  ),
  // More than enough for any number of workers that a tenant's limits feed.
  buckets: optional(
    wholeNumber(1, 1_024),
    64,
    'Sessions that work falls into. Every process needs the same number, for good.',
  ),
  changes: optional(queueName, 'changes', 'Session queue of what is to be looked at.'),
  writes: optional(queueName, 'writes', 'Session queue of what is to be written.'),
});

/** Where messages wait. */
export const queue = located(
  either(
    choice(['sqlite']),
    oneOfKinds({
      serviceBus: required(
        serviceBus,
        'Azure Service Bus: a process per role, any number of receivers and workers.',
      ),
    }),
  ),
);

const postgres = object({
  url: required(
    located(secretReference),
    'postgres://user:password@host:5432/database, or postgres://user@host:5432/database beside a credential',
  ),
  credential: maybe(
    located(identity),
    'In place of a password: a token of this identity (Azure Database for PostgreSQL with Microsoft Entra).',
  ),
  pool: optional(wholeNumber(1, 1_000), 10, 'Connections of one process, at most.'),
  ca: maybe(located(path), 'PEM file of the authority that signed the certificate of the server.'),
  statementTimeout: optional(duration('1s', '1h'), '30s', 'The server ends a statement after so long.'),
});

/** Where the ledger lies. */
export const ledger = located(
  either(
    choice(['sqlite']),
    oneOfKinds({ postgres: required(postgres, 'PostgreSQL, which several processes share.') }),
  ),
);

/** What reading yields, before references are followed. */
export type QueueValues = typeof queue extends Shape<infer T> ? T : never;
export type LedgerValues = typeof ledger extends Shape<infer T> ? T : never;
