import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigProblems, readConfig } from '../../src/kit/config/config.ts';
import { SECRETS } from '../../src/run/role-name.ts';
import { ROOT } from '../house/sources.ts';
import { makeAppCertificate } from '../tenant/certificates.ts';

const DEPLOY = path.join(ROOT, 'deploy');
const read = (file: string): string => readFileSync(path.join(DEPLOY, file), 'utf8');
const ROLES = ['receiver', 'worker', 'keeper'] as const;

interface Given {
  readonly configuration: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Names below /run/secrets. */
  readonly files?: readonly string[];
}

const SECRET = 's'.repeat(64);
let pem = '';
beforeAll(async () => {
  ({ pem } = await makeAppCertificate());
});

/** What a process of the role would complain about that has been given so much and no more. */
function problems(role: (typeof ROLES)[number], { configuration, env = {}, files = [] }: Given): string[] {
  const readFile = (name: string): string => {
    if (!files.includes(name.replace('/run/secrets/', ''))) throw new Error('not given');
    return name.endsWith('certificate') ? pem : SECRET;
  };
  try {
    readConfig(read(configuration), { file: '/config/a.yaml', env, readFile, secrets: SECRETS[role] });
    return [];
  } catch (fault) {
    if (fault instanceof ConfigProblems) return fault.problems.map(({ path }) => path);
    throw fault;
  }
}

/** Nothing is missing with all of it, and something is without any one of them. */
function expectJustEnough(role: (typeof ROLES)[number], given: Required<Given>): void {
  const { env, files } = given;
  expect(problems(role, given)).toEqual([]);
  for (const file of files)
    expect(problems(role, { ...given, files: files.filter((one) => one !== file) }), file).toHaveLength(1);
  for (const name of Object.keys(env))
    expect(problems(role, { ...given, env: { ...env, [name]: '' } }), name).toHaveLength(1);
}

test.each(ROLES)('compose gives the %s what it uses, and no secret more', (role) => {
  const { services } = parse(read('compose.distributed.yaml'), { merge: true }) as {
    services: Record<string, { secrets: string[]; environment: Record<string, string> }>;
  };
  const { secrets: files = [], environment } = services[role] ?? {};
  const { CONTACT_SYNC_HEALTH_PORT: _port, ...env } = environment ?? {};
  expect(files.length).toBeGreaterThan(0);
  expectJustEnough(role, { configuration: 'docker/config/distributed.yaml', env, files });
});

test.each(ROLES)('apps.bicep gives the %s what it uses, and no secret more', (role) => {
  const [, module = ''] = read('azure/apps.bicep').split(`role: '${role}'`);
  const [, list = ''] = /secrets: \[([^\]]*)\]/.exec(module) ?? [];
  const names = [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) =>
    name.toUpperCase().replaceAll('-', '_'),
  );
  expect(names.length).toBeGreaterThan(0);
  const env = Object.fromEntries(names.map((name) => [name, SECRET]));
  expectJustEnough(role, { configuration: 'azure/configuration.yaml', env, files: [] });
});
