import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const schema: { $id: string } = JSON.parse(
  readFileSync(new URL('../tenant/graph-v1-slice.schema.json', import.meta.url), 'utf8'),
);
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema(schema);

/** Throws with what does not fit, when a body is not what Graph's published schema allows. */
export function assertSchema(definition: string, body: unknown): void {
  const validate = ajv.getSchema(`${schema.$id}#/$defs/${definition}`);
  if (validate === undefined) throw new Error(`no definition ${definition} in the schema`);
  if (validate(body) !== true) throw new Error(`${definition}: ${ajv.errorsText(validate.errors)}`);
}
