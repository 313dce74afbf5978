import { parseEnv } from 'node:util';
import { isYes } from './imported.ts';

/** Values by name, as environment variables are. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A tenant as the mirroring script was told of it. */
export interface MirroredTenant {
  /** Where it stood, for comments: the same for each of its values but for their names. */
  readonly from: (key: Key) => string;
  readonly value: (key: Key) => string;
  readonly testUsers: { readonly list: readonly string[]; readonly from: string } | null;
}

const PREFIX = 'AUTOMATION_SYNCCONTACTS_';
const WHOLE = `${PREFIX}CONFIG_JSON`;
const TENANTS = `${PREFIX}MICROSOFT_TENANTS_JSON`;
const TEST_USERS = `${PREFIX}TEST_USER_LIST_BY_TENANT_JSON`;
const DRY_RUN = `${PREFIX}DRY_RUN`;

/** Of a tenant, and the variables of a single one. */
const SINGLE = {
  TenantId: `${PREFIX}TENANT_ID`,
  ClientId: `${PREFIX}CLIENT_ID`,
  ClientSecret: `${PREFIX}CLIENT_SECRET`,
  GlobalAddressBookUserId: `${PREFIX}GLOBAL_ADDRESS_BOOK_USER_ID`,
} as const;
const KEYS = [...Object.keys(SINGLE), 'PrimaryDomain', 'TenantDomain'];
export type Key = keyof typeof SINGLE | 'PrimaryDomain' | 'TenantDomain';
/** By which of its values a list of test users names a tenant. */
const LOOKUP = ['TenantId', 'PrimaryDomain', 'TenantDomain'] as const satisfies readonly Key[];

const LIST = 'TestUserList';
const LISTS = 'TestUserListByTenant';
const SEVERAL = 'MicrosoftTenants';
/** Where tenants may stand. */
const PLACES = [WHOLE, TENANTS, ...Object.values(SINGLE)];
const KNOWN_VARIABLES: ReadonlySet<string> = new Set([...PLACES, TEST_USERS, DRY_RUN]);

type Json = Readonly<Record<string, unknown>>;

/** The variables that a file holds: lines `NAME=value`, a JSON document of them, or the configuration itself as JSON. */
export function variablesIn(text: string): Variables {
  if (!text.trimStart().startsWith('{')) return parseEnv(text);
  const document = parsed('the file', text);
  const entries = Object.entries(document);
  if (!entries.some(([name]) => name.startsWith(PREFIX))) return { [WHOLE]: text };
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** Whether they tell of any tenant, rightly or not. */
export function tellsOfTenants(variables: Variables): boolean {
  return PLACES.some((name) => isSet(variables[name]));
}

/** What the script was told. */
export interface Mirroring {
  readonly tenants: readonly MirroredTenant[];
  /** Which variable asks for a run that writes nothing; null where none does. */
  readonly dryRun: string | null;
}

/**
 * The tenants that the script would have worked on. Where they are told of more than once, the configuration as one document counts, then
 * the list of tenants, then the variables of a single one. Throws a `SyntaxError` where there are none, or for what is no JSON.
 */
export function readMirroring(variables: Variables, notes: string[]): Mirroring {
  const set = Object.entries(variables).filter(([name, value]) => name.startsWith(PREFIX) && isSet(value));
  for (const [name] of set)
    if (!KNOWN_VARIABLES.has(name)) notes.push(`${name} is not known, and was left out.`);
  const whole = parsed(WHOLE, variables[WHOLE]);
  noteUnknown(whole, { known: [SEVERAL, LISTS, LIST, 'DryRun', ...KEYS], where: WHOLE }, notes);
  const lists = [
    { from: `${WHOLE}/${LISTS}`, lists: objectIn(whole, LISTS) },
    { from: TEST_USERS, lists: parsed(TEST_USERS, variables[TEST_USERS]) },
  ];
  const told = chosen(
    [
      [`${WHOLE}/${SEVERAL}`, entriesIn(whole[keyOf(whole, SEVERAL)], `${WHOLE}/${SEVERAL}`)],
      [WHOLE, hasAny(whole, KEYS) ? [whole] : []],
      [TENANTS, entriesIn(variables[TENANTS], TENANTS)],
      ['', single(variables)],
    ],
    notes,
  );
  const used = new Set<string>();
  const tenants = told.map(({ from, tenant }) => {
    if (tenant !== whole) noteUnknown(tenant, { known: [...KEYS, LIST], where: from }, notes);
    return mirrored({ from, tenant, lists, used }, notes);
  });
  for (const { from, lists: byTenant } of lists)
    for (const name of Object.keys(byTenant))
      if (!used.has(`${from}|${name}`))
        notes.push(`${from}: no tenant is called ${name}; its list was left out.`);
  return { tenants, dryRun: dryRunIn(whole, variables) };
}

interface Told {
  readonly from: string;
  readonly tenant: Json;
}

/** The first place that names any tenant; the others are said to be passed over. */
function chosen(places: readonly (readonly [string, readonly Json[]])[], notes: string[]): readonly Told[] {
  const [first, ...rest] = places.filter(([, tenants]) => tenants.length > 0);
  if (first === undefined)
    throw new SyntaxError(`neither ${WHOLE} nor ${TENANTS} nor ${SINGLE.TenantId} names a tenant`);
  const [from, tenants] = first;
  for (const [other] of rest)
    notes.push(`${other || SINGLE.TenantId} was left out: the tenants of ${from} count.`);
  const isList = tenants.length > 1 || (from !== '' && from !== WHOLE);
  return tenants.map((tenant, at) => ({ from: isList ? `${from}[${at}]` : from, tenant }));
}

function single(variables: Variables): Json[] {
  const tenant = Object.fromEntries(Object.entries(SINGLE).map(([key, name]) => [key, variables[name]]));
  return Object.values(tenant).some(isSet) ? [tenant] : [];
}

interface Mirrored extends Told {
  readonly lists: readonly { readonly from: string; readonly lists: Json }[];
  /** Which lists were looked up. */
  readonly used: Set<string>;
}

function mirrored({ from, tenant, lists, used }: Mirrored, notes: string[]): MirroredTenant {
  const value = (key: Key): string => textOf(tenant[keyOf(tenant, key)]);
  const nameOf = (key: Key): string =>
    (from === '' ? Object.entries(SINGLE).find(([name]) => name === key)?.[1] : undefined) ??
    `${from}/${key}`;
  const names = new Set(LOOKUP.map((key) => value(key).toLowerCase()).filter((name) => name !== ''));
  const found = [
    { from: `${from}/${LIST}`, list: tenant[keyOf(tenant, LIST)] },
    ...lists.flatMap((place) =>
      Object.entries(place.lists)
        .filter(([name]) => names.has(name.trim().toLowerCase()))
        .map(([name, list]) => {
          used.add(`${place.from}|${name}`);
          return { from: `${place.from}/${name}`, list };
        }),
    ),
  ].flatMap((one) => {
    const list = usersIn(one.list);
    return list.length > 0 ? [{ from: one.from, list }] : [];
  });
  const [testUsers = null, ...others] = found;
  for (const other of others)
    notes.push(`${other.from} was left out: the list of ${testUsers?.from} counts.`);
  return { from: nameOf, value, testUsers };
}

/** A list of names, or one text with commas or semicolons between them. */
function usersIn(list: unknown): string[] {
  const all = Array.isArray(list) ? (list as unknown[]) : textOf(list).split(/[,;]/);
  return all.map(textOf).filter((name) => name !== '');
}

function dryRunIn(whole: Json, variables: Variables): string | null {
  if (isYes(textOf(whole[keyOf(whole, 'DryRun')]))) return `${WHOLE}/DryRun`;
  return isYes(variables[DRY_RUN] ?? '') ? DRY_RUN : null;
}

function noteUnknown(
  object: Json,
  { known, where }: { readonly known: readonly string[]; readonly where: string },
  notes: string[],
): void {
  const names = new Set(known.map((name) => name.toLowerCase()));
  for (const key of Object.keys(object))
    if (!names.has(key.toLowerCase()))
      notes.push(`${where || PREFIX}/${key} is not known, and was left out.`);
}

/** PowerShell takes a name in whatever case. */
function keyOf(object: Json, name: string): string {
  return Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}

function hasAny(object: Json, names: readonly string[]): boolean {
  return names.some((name) => textOf(object[keyOf(object, name)]) !== '');
}

function objectIn(object: Json, name: string): Json {
  const value = object[keyOf(object, name)];
  return isObject(value) ? value : {};
}

/** A list of tenants as JSON, or as what JSON came to; one alone need not be a list. */
function entriesIn(value: unknown, where: string): Json[] {
  const list: unknown = typeof value === 'string' ? parse(where, value) : value;
  const all = Array.isArray(list) ? (list as unknown[]) : [list];
  return all.filter(isObject);
}

function parsed(where: string, text: string | undefined): Json {
  const value = parse(where, text ?? '');
  if (value === null) return {};
  if (!isObject(value)) throw new SyntaxError(`${where} is no JSON object`);
  return value;
}

/** What JSON says is wrong may quote a secret, so it is not passed on. */
function parse(where: string, text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new SyntaxError(`${where} is no JSON`);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return ['string', 'boolean', 'number'].includes(typeof value) ? String(value).trim() : '';
}

function isSet(value: string | undefined): boolean {
  return (value ?? '').trim() !== '';
}
