import { NO_ID } from '../kit/config/no-id.ts';
import type { World } from './world.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Options by their names. */
export const FLAGS = {
  name: { argument: 'id', help: 'short name for the tenant in the file (default: contoso)' },
  'tenant-id': { argument: 'guid', help: 'Directory (tenant) ID' },
  'client-id': { argument: 'guid', help: 'Application (client) ID of the app registration' },
  group: { argument: 'guid', help: 'Object ID of the group of people who are shown' },
  folder: { argument: 'name', help: 'contact folder (default: Company Directory)' },
  'public-url': {
    argument: 'url',
    help: 'https URL at which Microsoft Graph reaches this machine, if it can',
  },
  cloud: { argument: 'name', help: 'gcc-high, dod or china; or the https origin of a simulated tenant' },
} as const;

/** As commander names them. */
export interface Given {
  readonly name?: string;
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly group?: string;
  readonly folder?: string;
  readonly publicUrl?: string;
  readonly cloud?: string;
}

/** What goes into the file. */
export interface Answers {
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly group: string;
  readonly folder: string;
  readonly publicUrl: string | null;
  readonly cloud: string | null;
  /** What is not known yet, in words. */
  readonly open: readonly string[];
}

const ID_QUESTIONS = [
  ['tenantId', 'Directory (tenant) ID, from the overview in the Entra admin center'],
  ['clientId', 'Application (client) ID of the app registration'],
  ['group', 'Object ID of the group of people who are shown'],
] as const;

/** What the options say, what somebody answers, and the defaults for the rest. */
export async function answersOf(given: Given, ask: World['ask']): Promise<Answers> {
  const name = given.name ?? (await answered(ask, 'Short name for the tenant [contoso]: ')) ?? 'contoso';
  const ids = { tenantId: NO_ID, clientId: NO_ID, group: NO_ID };
  const open: string[] = [];
  for (const [key, what] of ID_QUESTIONS) {
    const id = given[key] ?? (await idAnswered(ask, what));
    if (id === undefined || id === NO_ID) open.push(`${key}: the ${what}`);
    else ids[key] = id;
  }
  const publicUrl =
    given.publicUrl ??
    (await answered(
      ask,
      'https URL at which Microsoft Graph reaches this machine [none, ask for changes]: ',
    ));
  return {
    ...ids,
    name,
    folder: given.folder ?? 'Company Directory',
    publicUrl: publicUrl ?? null,
    cloud: given.cloud ?? null,
    open,
  };
}

/** Undefined where nobody is there, or the line is empty. */
async function answered(ask: World['ask'], question: string): Promise<string | undefined> {
  const text = (await ask?.(question)) ?? '';
  return text === '' ? undefined : text;
}

async function idAnswered(ask: World['ask'], what: string): Promise<string | undefined> {
  for (let hint = ''; ; hint = 'That is no id such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301. ') {
    const text = await answered(ask, `${hint}${what} [later]: `);
    if (text === undefined || GUID.test(text)) return text;
  }
}
