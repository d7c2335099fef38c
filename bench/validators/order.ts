import type { Shape } from '../../runtime/contract/types.js';

/** Args as an application sends them: objects in objects, a list, literals, unions, instants, a field that may be missing. */
const text: Shape = { kind: 'string' };
const number: Shape = { kind: 'number' };
const date: Shape = { kind: 'date' };
const literal = (value: string): Shape => ({ kind: 'literal', value });
const union = (...members: Shape[]): Shape => ({ kind: 'union', members });
const object = (fields: Record<string, Shape>, ...optional: string[]): Shape => ({
  kind: 'object',
  properties: Object.entries(fields).map(([name, shape]) => ({
    name,
    optional: optional.includes(name),
    shape,
  })),
});

export const orderShape: Shape = object(
  {
    id: number,
    customer: object({ name: text, email: text, country: text }),
    placedAt: date,
    priority: union(literal('low'), literal('normal'), literal('high')),
    note: text,
    payment: union(
      object({ kind: literal('card'), last4: text, expires: date }),
      object({ kind: literal('transfer'), iban: text }),
    ),
    lines: {
      kind: 'array',
      item: object({
        sku: text,
        count: number,
        price: union(number, text),
        tags: { kind: 'array', item: text },
      }),
    },
  },
  'note',
);

export function orderOf(lines: number): object {
  return {
    id: 1_234_567,
    customer: { name: 'Zoë Ó Briain', email: 'zoe@example.test', country: 'ES' },
    placedAt: new Date(1_790_000_000_000),
    priority: 'normal',
    ...(lines > 0 && { note: 'Leave it with the neighbours.' }),
    payment:
      lines === 0
        ? { kind: 'transfer', iban: 'ES9121000418450200051332' }
        : { kind: 'card', last4: '4242', expires: new Date(1_900_000_000_000) },
    lines: Array.from({ length: lines }, (_, i) => ({
      sku: `SKU-${10_000 + i}`,
      count: 1 + (i % 4),
      price: i % 3 === 0 ? '19.99' : 19.99,
      tags: i % 2 === 0 ? ['new', 'fragile'] : [],
    })),
  };
}
