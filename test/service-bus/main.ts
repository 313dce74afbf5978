import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Rights } from './access/rights.ts';
import { obey } from './commands.ts';
import { readEmulatorConfig } from './emulator-config.ts';
import type { Tls } from './listen.ts';
import { startServiceBus } from './start.ts';

const HELP = `Starts a double of Azure Service Bus on this machine and prints its connection string.

  npm run bus -- [options]

  --config F       queues as in the official emulator's config.json (else: changes and writes, with sessions)
  --port N         where to listen (any free port)
  --lock-ms N      lock duration of every queue instead of its own, for tests that do not want to wait
  --data F         a folder: messages and certificates outlive the process
  --tls            also speaks TLS, and HTTPS for administration; the authority is written to F/ca.pem (needs --data)
  --identities F   rights by object id and queue as JSON: {"oid": {"changes": ["send"]}}
  --token-key K    the key that tokens of identities are signed with

Commands on standard input, one a line: depth QUEUE, busy N, quota N, refuse N, slow MS, drop, detach, steal QUEUE, clear.
`;

const { values } = parseArgs({
  options: {
    config: { type: 'string' },
    port: { type: 'string', default: '0' },
    'lock-ms': { type: 'string' },
    data: { type: 'string' },
    tls: { type: 'boolean', default: false },
    identities: { type: 'string' },
    'token-key': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else await start();

async function start(): Promise<void> {
  const { data } = values;
  if (data !== undefined) mkdirSync(data, { recursive: true });
  const tls = values.tls ? await certificate(data) : undefined;
  const bus = await startServiceBus({
    port: Number(values.port),
    queues: queuesOf(),
    ...(tls ? { tls } : {}),
    ...(data === undefined ? {} : { file: join(data, 'journal') }),
    ...(values['token-key'] === undefined ? {} : { tokenKey: values['token-key'] }),
    ...(values.identities === undefined
      ? {}
      : { identities: JSON.parse(readFileSync(values.identities, 'utf8')) as Record<string, Rights> }),
  });
  console.log(bus.connectionString);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => console.log(JSON.stringify(obey(bus, line))));
  const stop = (): void => {
    lines.close();
    process.stdin.destroy();
    void bus.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function queuesOf(): ReturnType<typeof readEmulatorConfig> {
  const queues =
    values.config === undefined
      ? { changes: { requiresSession: true }, writes: { requiresSession: true } }
      : readEmulatorConfig(readFileSync(values.config, 'utf8'));
  const lock = values['lock-ms'] === undefined ? {} : { lockDurationMs: Number(values['lock-ms']) };
  return Object.fromEntries(
    Object.entries(queues).map(([name, settings]) => [name, { ...settings, ...lock }]),
  );
}

/** The same one at every start with the same folder, so that clients that trust it need not be started again. */
async function certificate(data: string | undefined): Promise<Tls> {
  if (data === undefined)
    throw new Error('--tls needs --data, where the authority for clients is written to.');
  const [cert, key, ca] = ['server.pem', 'server-key.pem', 'ca.pem'].map((name) => join(data, name)) as [
    string,
    string,
    string,
  ];
  if (existsSync(ca)) return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  // Loaded only when it is needed: a double that is killed and started again is to be there soon.
  const { makeServerCertificate } = await import('../tenant/certificates.ts');
  const made = await makeServerCertificate('Service Bus double authority');
  writeFileSync(cert, made.server.cert);
  writeFileSync(key, made.server.key, { mode: 0o600 });
  writeFileSync(ca, made.ca);
  return made.server;
}
