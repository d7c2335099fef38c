import { PgschedError } from '../errors.js';

/** What pg's Pool is to us. A pg Pool fits. */
export interface QueryPool {
  connect(): Promise<unknown>;
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  end(): Promise<void>;
}

/** An open transaction that runs SQL as pg does. Must not be a pool: a pool gives each statement another connection. */
export interface Tx {
  // biome-ignore lint/suspicious/noExplicitAny: the libraries' own signatures differ, and only `any` takes them all.
  query(text: string, values: any[]): PromiseLike<{ rows: any[] } | any[]>;
}

/**
 * An open transaction, told by its shape: of pg and what is like it (Neon, PGlite, TypeORM's QueryRunner and
 * EntityManager), postgres.js, Kysely, Drizzle or Prisma. Pools, and the clients that transactions are begun on, do not fit.
 */
export type AnyTx =
  | (Tx & { totalCount?: never; initialize?: never })
  | { unsafe(text: string, values: never[]): PromiseLike<unknown>; readonly savepoint: unknown }
  | { executeQuery(query: never): Promise<{ rows: unknown[] }>; readonly isTransaction: true }
  | {
      execute(query: never): PromiseLike<unknown>;
      rollback(): never;
      readonly _: { readonly session: unknown };
    }
  | {
      $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
      $connect?: never;
    };

/** Runs one statement in the caller's transaction. @throws InvalidTransaction when it is none by its shape */
export async function queryIn(tx: AnyTx, text: string, values: unknown[]): Promise<unknown[]> {
  const found = tx as Found | null | undefined;
  const isObject = (typeof found === 'object' && found !== null) || typeof found === 'function';
  const library = isObject ? libraries.find(({ fits }) => fits(found)) : undefined;
  if (library === undefined || !isObject) throw invalidTransaction('it is none by its shape');

  const fault = library.fault(found);
  if (fault !== null) throw invalidTransaction(fault);
  const result = await library.query(found, text, values);
  return Array.isArray(result) ? result : (result as { rows: unknown[] }).rows;
}

// biome-ignore lint/suspicious/noExplicitAny: any member may be there, of any type.
type Found = Record<string, any>;

interface Library {
  /** Whether this is of the library, a transaction or not. */
  fits(found: Found): boolean;
  /** Why it is no open transaction, and what would be one. */
  fault(found: Found): string | null;
  query(found: Found, text: string, values: unknown[]): PromiseLike<unknown>;
}

const postgresJs: Library = {
  fits: ({ unsafe }) => isFunction(unsafe),
  fault: ({ savepoint }) =>
    isFunction(savepoint)
      ? null
      : 'it is the `sql` of postgres.js that holds the pool; pass the `tx` of sql.begin(async (tx) => …)',
  query: (tx, text, values) => tx['unsafe'](text, values),
};

const kysely: Library = {
  fits: ({ executeQuery }) => isFunction(executeQuery),
  fault: ({ isTransaction }) =>
    isTransaction === true
      ? null
      : 'it is a Kysely that is no transaction; pass the `tx` of db.transaction().execute(async (tx) => …)',
  query: (tx, text, values) =>
    tx['executeQuery']({
      sql: text,
      parameters: values,
      query: { kind: 'RawNode', sqlFragments: [text], parameters: [] },
      queryId: { queryId: 'pgsched' },
    }),
};

const drizzle: Library = {
  fits: ({ execute, _ }) => isFunction(execute) && _?.session !== undefined,
  fault: ({ rollback }) =>
    isFunction(rollback)
      ? null
      : 'it is a Drizzle database; pass the `tx` of db.transaction(async (tx) => …)',
  query(tx, text, values) {
    // Drizzle asks what it executes for its SQL, and that for its text and parameters.
    const sql = { toQuery: () => ({ sql: text, params: values }) };
    return tx['execute']({ getSQL: () => sql });
  },
};

const prisma: Library = {
  fits: ({ $queryRawUnsafe }) => isFunction($queryRawUnsafe),
  fault: ({ $connect }) =>
    $connect === undefined
      ? null
      : 'it is a Prisma client; pass the `tx` of prisma.$transaction(async (tx) => …)',
  query: (tx, text, values) => tx['$queryRawUnsafe'](text, ...values),
};

const typeOrm: Library = {
  fits: (found) => isFunction(found['query']) && queryRunner(found) !== undefined,
  fault: (found) =>
    queryRunner(found)?.['isTransactionActive'] === true
      ? null
      : 'no transaction of TypeORM is open on it; pass the `manager` of dataSource.transaction(async (manager) => …), or a QueryRunner after startTransaction()',
  query: (tx, text, values) => tx['query'](text, values),
};

const pg: Library = {
  fits: ({ query }) => isFunction(query),
  fault: ({ totalCount }) =>
    totalCount === undefined
      ? null
      : 'it is a pool, which runs each statement on another connection; pass the client of pool.connect() on which you ran BEGIN',
  query: (tx, text, values) => tx['query'](text, values),
};

const libraries = [postgresJs, kysely, drizzle, prisma, typeOrm, pg];

/**
 * TypeORM: what holds the connection of a QueryRunner, an EntityManager or a Repository. Null: each statement takes
 * another connection, as in a DataSource. Undefined: not TypeORM's.
 */
function queryRunner(found: Found): Found | null | undefined {
  if (typeof found['isTransactionActive'] === 'boolean') return found;
  if (isFunction(found['initialize'])) return null;
  const manager = found['manager'] ?? found;
  return isFunction(manager['getRepository']) ? (manager['queryRunner'] ?? null) : undefined;
}

function isFunction(member: unknown): boolean {
  return typeof member === 'function';
}

function invalidTransaction(why: string): PgschedError {
  return new PgschedError('InvalidTransaction', {
    message: `\`tx\` must be an open transaction of pg, postgres.js, Kysely, Drizzle, TypeORM or Prisma, or have \`query(text, values)\`: ${why}.`,
  });
}
