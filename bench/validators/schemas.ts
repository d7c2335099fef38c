import * as v from 'valibot';
import * as z from 'zod';

/** The order as the users of each library write it: what is given, and what is stored, where instants are texts. */
export const valibot = {
  encode: valibotOrder(v.date()),
  decode: valibotOrder(
    v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.transform((text) => new Date(text)),
    ),
  ),
};

export const zod = {
  encode: zodOrder(z.date()),
  decode: zodOrder(z.iso.datetime({ offset: true }).transform((text) => new Date(text))),
};

function valibotOrder(date: v.GenericSchema<unknown, Date>) {
  const number = v.pipe(v.number(), v.finite());
  return v.object({
    id: number,
    customer: v.object({ name: v.string(), email: v.string(), country: v.string() }),
    placedAt: date,
    priority: v.picklist(['low', 'normal', 'high']),
    note: v.optional(v.string()),
    payment: v.variant('kind', [
      v.object({ kind: v.literal('card'), last4: v.string(), expires: date }),
      v.object({ kind: v.literal('transfer'), iban: v.string() }),
    ]),
    lines: v.array(
      v.object({
        sku: v.string(),
        count: number,
        price: v.union([number, v.string()]),
        tags: v.array(v.string()),
      }),
    ),
  });
}

function zodOrder(date: z.ZodType<Date, unknown>) {
  return z.object({
    id: z.number(),
    customer: z.object({ name: z.string(), email: z.string(), country: z.string() }),
    placedAt: date,
    priority: z.enum(['low', 'normal', 'high']),
    note: z.optional(z.string()),
    payment: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('card'), last4: z.string(), expires: date }),
      z.object({ kind: z.literal('transfer'), iban: z.string() }),
    ]),
    lines: z.array(
      z.object({
        sku: z.string(),
        count: z.number(),
        price: z.union([z.number(), z.string()]),
        tags: z.array(z.string()),
      }),
    ),
  });
}
