import { type Convert, type Field, mismatch, placed } from './converter.js';
import { isObject, put, read } from './objects.js';

/**
 * `convertDeclared` written out as code for these fields: an engine reads and makes objects several times as fast when their
 * fields are named in the source. Field names are all that goes into the source, as string literals.
 *
 * @throws EvalError where code must not be made of text
 */
export function specialised(fields: readonly Field[]): Convert {
  // Up to the first that may be absent they make the object, and the others are added to it.
  const absent = fields.findIndex(({ always }) => !always);
  const lead = absent < 0 ? fields.length : absent;
  const source = `
    'use strict';
    return (value, run) => {
      if (!isObject(value)) return mismatch(run, 'object', value);
      let before = run.problems.length;
      let given;
      ${fields.map(conversion).join('')}
      const converted = {${fields.slice(0, lead).map(member).join()}};
      ${fields.map(addition).slice(lead).join('')}
      return converted;
    };`;
  const converts = fields.map(({ convert }) => convert);
  const names = fields.map((_, place) => `convert${place}`);
  return new Function(...Object.keys(helpers), ...names, source)(
    ...Object.values(helpers),
    ...converts,
  );
}

const helpers = { isObject, mismatch, placed, put, read };

function conversion({ name, optional, inherited }: Field, place: number): string {
  const text = JSON.stringify(name);
  return `
      let field${place};
      given = ${inherited ? `read(value, ${text})` : `value[${text}]`};
      if (${optional ? 'given !== undefined' : 'true'}) {
        field${place} = convert${place}(given, run);
        if (run.problems.length > before) {
          if (placed(run, before, ${text})) return undefined;
          before = run.problems.length;
        }
      }`;
}

function member({ name }: Field, place: number): string {
  // Without the brackets `__proto__` would be no field.
  return `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: field${place}`;
}

function addition({ name, always, explicit, inherited }: Field, place: number): string {
  const text = JSON.stringify(name);
  const add = inherited
    ? `put(converted, ${text}, field${place});`
    : `converted[${text}] = field${place};`;
  return `
      ${always || explicit ? add : `if (field${place} !== undefined) ${add}`}`;
}
