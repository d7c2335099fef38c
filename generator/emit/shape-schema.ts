import {
  admitsAbsence,
  alternatives,
  type Definitions,
  membersOf,
} from '../../runtime/contract/shape/members.js';
import type { Shape } from '../../runtime/contract/types.js';
import type { DocumentedProperty } from '../model.js';

export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/**
 * The JSON Schema of a shape's values as they are stored. What it takes, `decode` takes; what `encode` gives, it takes. Objects
 * stay open, because fields that are not declared are left behind and not refused.
 */
export interface SchemaMaker {
  /** At a place that is never absent: a whole payload, an item. There `undefined` is null. */
  placed(shape: Shape): JsonSchema;
  /** Where what may be absent is told otherwise: a field, a named shape. */
  present(shape: Shape): JsonSchema;
}

export function schemaMaker(definitions: Definitions): SchemaMaker {
  function placed(shape: Shape): JsonSchema {
    return admitsAbsence(shape, definitions)
      ? anyOf([...schemasOf(shape), { type: 'null' }])
      : present(shape);
  }

  function present(shape: Shape): JsonSchema {
    switch (shape.kind) {
      case 'string': {
        const { kind, ...rules } = shape;
        return { type: kind, ...rules };
      }
      case 'number': {
        const { kind, integer, ...rules } = shape;
        return { type: integer ? 'integer' : kind, ...rules };
      }
      case 'boolean':
      case 'null':
        return { type: shape.kind };
      case 'undefined':
        return false;
      case 'literal':
        return { const: shape.value };
      case 'template':
        return { type: 'string', pattern: templateSource(shape) };
      case 'json':
        return {};
      case 'date':
      case 'bigint':
      case 'bytes':
      case 'url':
        return texts[shape.kind];
      case 'array': {
        const { kind, item, ...rules } = shape;
        return { type: kind, items: placed(item), ...rules };
      }
      case 'tuple':
        return tuple(shape.items, shape.rest);
      case 'set': {
        const items = { type: 'array', items: placed(shape.item) };
        return isByValue(shape.item) ? { ...items, uniqueItems: true } : items;
      }
      case 'map':
        return { type: 'array', items: tuple([shape.key, shape.value]) };
      case 'record':
        return { type: 'object', additionalProperties: present(shape.value) };
      case 'object':
        return object(shape.properties);
      case 'union':
        return anyOf(schemasOf(shape));
      case 'ref':
        return { $ref: `#/$defs/${shape.name}` };
    }
  }

  function tuple(items: readonly Shape[], rest?: Shape): JsonSchema {
    return {
      type: 'array',
      ...(items.length > 0 ? { prefixItems: items.map(placed) } : {}),
      items: rest ? placed(rest) : false,
      minItems: items.findLastIndex((item) => !admitsAbsence(item, definitions)) + 1,
    };
  }

  function object(properties: readonly DocumentedProperty[]): JsonSchema {
    const required = properties
      .filter(({ optional, shape }) => !optional && !admitsAbsence(shape, definitions))
      .map(({ name }) => name);
    return {
      type: 'object',
      properties: Object.fromEntries(
        properties.map(({ name, doc, shape }) => [name, described(present(shape), doc)]),
      ),
      ...(required.length > 0 ? { required } : {}),
    };
  }

  /** The schemas of a union's members, its literals as one. */
  function schemasOf(shape: Shape): JsonSchema[] {
    const members = alternatives(shape).filter(({ kind }) => kind !== 'undefined');
    const literals = members.flatMap((member) => (member.kind === 'literal' ? [member.value] : []));
    const others = members.filter(({ kind }) => kind !== 'literal').map(present);
    if (literals.length === 0) return others;
    return [literals.length === 1 ? { const: literals[0] } : { enum: literals }, ...others];
  }

  /** Whether a Set tells its items apart by their JSON: objects, of which two may be alike, it does not. */
  function isByValue(shape: Shape): boolean {
    return membersOf(shape, definitions).every(({ opened }) => scalars.has(opened.kind));
  }

  return { placed, present };
}

function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const [first = false] = schemas;
  return schemas.length > 1 ? { anyOf: schemas } : first;
}

/** A schema with the doc comment of its place. Beside a `$ref` one may stand since draft 2019-09. */
function described(schema: JsonSchema, doc: string | undefined): JsonSchema {
  return doc === undefined || typeof schema === 'boolean'
    ? schema
    : { description: doc, ...schema };
}

const scalars: ReadonlySet<Shape['kind']> = new Set([
  'string',
  'number',
  'boolean',
  'null',
  'undefined',
  'literal',
  'template',
  'bigint',
]);

/**
 * A format is a mere note to most validators: what it stands for is in the pattern too. Patterns keep to what every language's
 * regular expressions read alike.
 */
const texts: Readonly<Record<'date' | 'bigint' | 'bytes' | 'url', JsonSchema>> = {
  date: {
    type: 'string',
    format: 'date-time',
    pattern: String.raw`^(?:[+-][0-9]{6}|[0-9]{4})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$`,
  },
  bigint: { type: 'string', pattern: '^(?:0|-?[1-9][0-9]*)$' },
  bytes: {
    type: 'string',
    contentEncoding: 'base64',
    pattern:
      '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$',
  },
  url: { type: 'string', format: 'uri', pattern: '^[A-Za-z][A-Za-z0-9+.-]*:' },
};

/** The pattern of a template, without flags. */
function templateSource({ parts, types }: Shape & { kind: 'template' }): string {
  const holes = types.map((type) =>
    type === 'number'
      ? String.raw`-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-][0-9]+)?`
      : String.raw`[\s\S]*`,
  );
  const source = parts.map(
    (part, index) =>
      part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`) + (holes[index] ?? ''),
  );
  return `^${source.join('')}$`;
}
