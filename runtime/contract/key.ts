import { PgschedError } from '../errors.js';
import { describe } from './shape/describe.js';

/**
 * The key of a job: the template with the fields of its stored args. `{orderId}` and `{a.b}` are fields, `{{` and `}}` braces.
 * A field is a text (a bigint travels as one), a boolean or a safe integer: what every language writes alike.
 *
 * @throws InvalidArgs when a field is missing, or is none of those
 */
export function evaluateKey(template: string, stored: unknown): string {
  return template.replaceAll(
    /\{\{|\}\}|\{([^{}]*)\}/g,
    (found: string, path: string | undefined) =>
      path === undefined ? found.slice(1) : keyPart(path, stored, template),
  );
}

function keyPart(path: string, stored: unknown, template: string): string {
  const value = fieldAt(path, stored);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  // `+ 0`: −0 is written 0.
  if (Number.isSafeInteger(value)) return String((value as number) + 0);

  const message = `expected text, boolean or safe integer for the key \`${template}\`, got ${describe(value)}`;
  throw new PgschedError('InvalidArgs', {
    message: `The key of the job cannot be made: ${path}: ${message}. Pass \`{ key }\` where you enqueue, or make the field one of those.`,
    details: { issues: [{ path, message }] },
  });
}

/** A list has no fields: neither its places nor its length, which SQL would read otherwise. */
function fieldAt(path: string, stored: unknown): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      stored,
    );
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
