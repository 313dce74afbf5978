import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { Malformed } from './call.ts';

/** Request bodies that Microsoft's published description covers. */
type RequestShape =
  | 'batchRequest'
  | 'contactCreateRequest'
  | 'contactUpdateRequest'
  | 'contactFolderCreateRequest'
  | 'contactFolderUpdateRequest'
  | 'openTypeExtensionWrite'
  | 'subscriptionCreateRequest'
  | 'subscriptionUpdateRequest';

const slice = JSON.parse(readFileSync(new URL('../graph-v1-slice.schema.json', import.meta.url), 'utf8')) as {
  $id: string;
  $defs: Record<string, { properties: Record<string, unknown> }>;
};
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false }).addSchema(slice);
const compiled = new Map<string, ValidateFunction>();

function validator(shape: string): ValidateFunction {
  let validate = compiled.get(shape);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `${slice.$id}#/$defs/${shape}` });
    compiled.set(shape, validate);
  }
  return validate;
}

/** Where the body departs from the shape, or undefined. Names places and rules, never values. */
export function departure(shape: string, body: unknown): string | undefined {
  const validate = validator(shape);
  if (validate(body)) return undefined;
  const first = validate.errors?.[0];
  return `${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`.trim();
}

/** Throws 400 with the given code when the body does not have the shape. */
export function demandShape(shape: RequestShape, body: unknown, code: string): void {
  if (body === undefined) throw new Malformed(400, code, 'Empty Payload. JSON content expected.');
  const what = departure(shape, body);
  if (what !== undefined) throw new Malformed(400, code, `${shape}: ${what}`);
}

/** Names of the properties that a type has, for `$select`. */
export function propertiesOf(type: 'user' | 'group' | 'contact' | 'contactFolder'): ReadonlySet<string> {
  return new Set(Object.keys(slice.$defs[type]?.properties ?? {}));
}
