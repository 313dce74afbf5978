import { Refusal } from '../http/call.ts';
import type { Switches } from '../options.ts';
import { extensionName, propertyId, type Extension, type Fields, type Property } from './item.ts';

/** Body of a contact as the schema slice lets it through. */
export type ContactBody = Readonly<Record<string, unknown>>;

const NAME_PARTS = ['title', 'givenName', 'middleName', 'surname', 'generation'];
/** These come with the body and are no fields of their own. */
const NOT_FIELDS = new Set([
  'extensions',
  'singleValueExtendedProperties',
  'parentFolderId',
  'id',
  'changeKey',
]);
const PLAIN_ADDRESS = /^[^\s@<>]+@[^\s@<>]+$/;

/** The fields after a create or change: null clears, lists and addresses are replaced as a whole (learn.microsoft.com/graph/api/resources/contact). */
export function mergeFields(before: Fields, body: ContactBody, switches: Switches): Fields {
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(body)) {
    if (NOT_FIELDS.has(name) || name.includes('@')) continue;
    demandSize(name, value, switches);
    const kept = switches.normalises ? normalised(name, value) : value;
    if (kept === null) delete after[name];
    else after[name] = kept;
  }
  const regenerates = switches.regeneratesDisplayName && NAME_PARTS.some((name) => name in body);
  if (!('displayName' in body) && regenerates) {
    const parts = NAME_PARTS.flatMap((name) => (typeof after[name] === 'string' ? [after[name]] : []));
    after['displayName'] = parts.join(' ');
  }
  return after;
}

/** Beyond e-mail addresses and business phones nothing is documented to be limited; some of it may well be. */
const UNSURE_LISTS: Readonly<Record<string, number>> = { homePhones: 2, imAddresses: 3 };

function demandSize(name: string, value: unknown, { listLimits, textMax }: Switches): void {
  if (typeof value === 'string' && name !== 'personalNotes' && textMax !== null && value.length > textMax)
    throw new Refusal(400, 'ErrorInvalidArgument', `The property ${name} is too long.`);
  const most = listLimits === 'all' ? UNSURE_LISTS[name] : undefined;
  if (!Array.isArray(value) || most === undefined || value.length <= most) return;
  throw new Refusal(
    400,
    'ErrorInvalidArgument',
    `The multi value property ${name} has ${value.length} entries, that exceeds the max allowed value of ${most}.`,
  );
}

/** How large the values of an extension may be is not documented either. */
export function demandExtensionSize({ values }: Extension, { extensionBytesMax }: Switches): void {
  if (extensionBytesMax === null || Buffer.byteLength(JSON.stringify(values)) <= extensionBytesMax) return;
  throw new Refusal(400, 'ErrorInvalidArgument', 'The extension is too large.');
}

function normalised(name: string, value: unknown): unknown {
  if (typeof value === 'string') return value.trim();
  if (!Array.isArray(value)) return value;
  const list: unknown[] = value;
  if (name !== 'emailAddresses')
    return list.map((entry) => (typeof entry === 'string' ? entry.trim() : entry));
  return (list as { name?: string; address?: string }[]).flatMap((entry) => {
    const address = entry.address?.trim() ?? '';
    return PLAIN_ADDRESS.test(address) ? [{ name: entry.name?.trim() ?? address, address }] : [];
  });
}

/** Inline extensions of a create. Throws 400 when a name comes twice. */
export function extensionsOf(body: ContactBody): Extension[] {
  const list = (body['extensions'] ?? []) as Record<string, unknown>[];
  const extensions = list.map(extensionOf);
  if (new Set(extensions.map(({ name }) => name)).size < extensions.length) {
    throw new Refusal(400, 'ErrorInvalidRequest', 'An extension name is given twice.');
  }
  return extensions;
}

export function extensionOf(body: Record<string, unknown>): Extension {
  const values = Object.entries(body).filter(
    ([name]) => !name.includes('@') && name !== 'extensionName' && name !== 'id',
  );
  return { name: extensionName(String(body['extensionName'])), values: Object.fromEntries(values) };
}

/** Extended properties after a write: what the body names is replaced, the rest stays. */
export function mergeProperties(before: readonly Property[], body: ContactBody): readonly Property[] {
  const written = (body['singleValueExtendedProperties'] ?? []) as Property[];
  if (written.length === 0) return before;
  const after = new Map(before.map((property) => [property.id, property]));
  for (const { id, value } of written) after.set(propertyId(id), { id: propertyId(id), value });
  return [...after.values()];
}
