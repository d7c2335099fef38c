import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const options = {
  strict: true,
  // A tuple may be shorter than its items.
  strictTuples: false,
  // A field may be named like what every object inherits.
  ownProperties: true,
  addUsedSchema: false,
} as const;

/** As the draft says: a format is a note. */
const noting = new Ajv2020({ ...options, validateFormats: false });

/** As most people switch it on: formats are checked. */
const checking = new Ajv2020(options);
addFormats.default(checking);

/** Compiles a schema, which its meta-schema must allow. */
export function validator(schema: AnySchema, { formats }: { formats: boolean }): ValidateFunction {
  return (formats ? checking : noting).compile(schema);
}
