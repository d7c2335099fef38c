/**
 * The contract: what the generator makes of a manifest, as plain JSON. Client and worker take every option from it.
 * Durations are milliseconds, priorities numbers, task names dotted paths.
 */
export interface Contract {
  /** Version of this format. */
  readonly format: 1;
  /** The database schema that the generated code talks to unless told otherwise. */
  readonly schema: string;
  readonly tasks: Readonly<Record<string, TaskContract>>;
  /** Names of tasks that are no more, and never will be again. */
  readonly retired?: readonly string[];
}

export interface TaskContract {
  /** Payload version, from 1. */
  readonly version: number;
  /** Names that the task had before. */
  readonly formerly?: readonly string[];
  /** The args of earlier versions that were released, by version: what rows may still hold, and upcasters start from. */
  readonly history?: Readonly<Record<string, ArgsVersion>>;
  readonly topic: string;
  readonly priority: number;
  readonly maxAttempts: number;
  readonly maxRescues: number;
  readonly timeout: number;
  readonly backoff: BackoffPolicy;
  /** Milliseconds; null: a job never expires. */
  readonly startWithin: number | null;
  /** How long ended jobs are kept, by how they ended: milliseconds, 0 not at all; null: for ever. */
  readonly retention: Retention;
  /** Key template over the stored args, such as `receipt:{orderId}`; null when the task declares none. */
  readonly key: string | null;
  readonly keyScope: 'active' | 'history';
  /** null: `raise` for a single enqueue, `ignore` in bulk. */
  readonly onConflict: 'raise' | 'ignore' | 'replace' | null;
  /** What callers pass and the row stores (a schema's input). null: the task takes no args. */
  readonly args: Shape | null;
  /** What the row stores and callers get (a schema's output). null: the task has no result. */
  readonly result: Shape | null;
  /** Which ends have a schema of their own in the manifest. */
  readonly schemas: { readonly args: boolean; readonly result: boolean };
  /** Named shapes that refer to themselves or are shared, by name; `ref` points here. */
  readonly definitions?: Readonly<Record<string, Shape>>;
}

/** What a client needs of a task. */
export type ClientTaskContract = Pick<
  TaskContract,
  | 'version'
  | 'topic'
  | 'priority'
  | 'key'
  | 'keyScope'
  | 'onConflict'
  | 'args'
  | 'result'
  | 'schemas'
  | 'definitions'
  | 'history'
>;

/** The stored args of one payload version. */
export interface ArgsVersion {
  readonly args: Shape | null;
  readonly definitions?: Readonly<Record<string, Shape>>;
}

export type EndStatus = 'completed' | 'failed' | 'cancelled' | 'expired';

export type Retention = Readonly<Record<EndStatus, number | null>>;

/** A backoff in milliseconds. The arithmetic is SQL's, `_backoff` in schema/migrations. */
export type BackoffPolicy =
  | {
      readonly kind: 'exponential';
      readonly base: number;
      readonly factor: number;
      readonly max: number;
      readonly jitter: number;
    }
  | {
      readonly kind: 'linear';
      readonly base: number;
      readonly max: number;
      readonly jitter: number;
    }
  | { readonly kind: 'list'; readonly delays: readonly number[]; readonly jitter: number };

/** The structure of a value, and how it travels as JSON. */
export type Shape =
  | StringShape
  | NumberShape
  | { readonly kind: 'boolean' }
  | { readonly kind: 'null' }
  /** Absent in an object; only as a member of a union. */
  | { readonly kind: 'undefined' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  /** A text that begins with, contains and ends with fixed parts; parts[i] precedes types[i]. */
  | {
      readonly kind: 'template';
      readonly parts: readonly string[];
      readonly types: readonly ('string' | 'number')[];
    }
  /** JSON as it is: any value that JSON can carry. */
  | { readonly kind: 'json' }
  /** Travel as text: ISO instant, decimal digits, base64, href. */
  | { readonly kind: 'date' }
  | { readonly kind: 'bigint' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'url' }
  | ArrayShape
  | { readonly kind: 'tuple'; readonly items: readonly Shape[]; readonly rest?: Shape }
  | { readonly kind: 'set'; readonly item: Shape }
  /** Travels as an array of pairs. */
  | { readonly kind: 'map'; readonly key: Shape; readonly value: Shape }
  | { readonly kind: 'record'; readonly value: Shape }
  | { readonly kind: 'object'; readonly properties: readonly PropertyShape[] }
  | { readonly kind: 'union'; readonly members: readonly Shape[] }
  | { readonly kind: 'ref'; readonly name: string };

/** A text, and what it must be besides. */
export interface StringShape {
  readonly kind: 'string';
  /** In code points, as JSON Schema and PostgreSQL count them: an emoji may be one, or several. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression with the `u` flag that some part of the text matches. */
  readonly pattern?: string;
  readonly format?: TextFormat;
}

export type TextFormat =
  | 'email'
  | 'uuid'
  | 'uri'
  | 'hostname'
  | 'ipv4'
  | 'ipv6'
  | 'date'
  | 'time'
  | 'date-time';

export interface NumberShape {
  readonly kind: 'number';
  readonly integer?: true;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  /** Counted in decimal, as JSON writes numbers: 0.3 is a multiple of 0.1. */
  readonly multipleOf?: number;
}

export interface ArrayShape {
  readonly kind: 'array';
  readonly item: Shape;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** No two items are the same JSON. */
  readonly uniqueItems?: true;
}

export interface PropertyShape {
  readonly name: string;
  readonly optional: boolean;
  readonly shape: Shape;
}
