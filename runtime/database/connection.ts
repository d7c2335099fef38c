import pg from 'pg';
import { PgschedError } from '../errors.js';
import { maskUrl } from './mask-url.js';

export { maskUrl };

/** Where the database is, and how we came to think so. */
export interface Connection {
  readonly config: pg.ClientConfig;
  /** The address without its password, for messages. */
  readonly display: string;
  /** What named it, such as `DATABASE_URL`. */
  readonly source: string;
}

/** A server that does not answer is reported within five seconds. */
const connectTimeout = 4_500;

/** The database to use: explicit, else `PGSCHED_DATABASE_URL`, else `DATABASE_URL`, else libpq's `PG*`. The same for every tool. */
export function resolveConnection(
  explicit: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Connection {
  const shared: pg.ClientConfig = {
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    application_name: 'pgsched',
  };
  const candidates: readonly (readonly [string, string | undefined])[] = [
    ['connectionString', explicit],
    ['PGSCHED_DATABASE_URL', env['PGSCHED_DATABASE_URL']],
    ['DATABASE_URL', env['DATABASE_URL']],
  ];
  for (const [source, connectionString] of candidates) {
    if (connectionString) {
      return {
        config: { ...shared, connectionString },
        display: maskUrl(connectionString),
        source,
      };
    }
  }
  const user = env['PGUSER'] ?? env['USER'] ?? 'postgres';
  const host = env['PGHOST'] ?? 'localhost';
  const display = `postgres://${user}@${host}:${env['PGPORT'] ?? 5432}/${env['PGDATABASE'] ?? user}`;
  return { config: shared, display, source: 'PG*' };
}

/** A new connection of our own: read committed, whatever the role's default. @throws DatabaseUnreachable */
export async function connect(
  connection: Connection,
  options: Pick<pg.ClientConfig, 'pipeline'> = {},
): Promise<pg.Client> {
  const client = new pg.Client({ ...connection.config, ...options });
  // Without a listener, a connection that dies while idle would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await readCommitted(client);
  } catch (error) {
    client.end().catch(() => {});
    throw unreachable(error, connection);
  }
  return client;
}

/** Our own pool. Lets the process exit while it is idle. */
export function createPool(connection: Connection, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...connection.config,
    max,
    // The time to connect is bounded, the time to wait for a free connection is not: that is load, not an outage.
    connectionTimeoutMillis: 0,
    Client: QuickClient,
    allowExitOnIdle: true,
    idleTimeoutMillis: 30_000,
    onConnect: readCommitted,
  });
  pool.on('error', () => {});
  return pool;
}

class QuickClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: connectTimeout });
  }
}

/** Whatever the role's default: our statements rely on a fresh snapshot each. */
async function readCommitted(client: pg.ClientBase): Promise<void> {
  await client.query('set session characteristics as transaction isolation level read committed');
}

/** The error as `DatabaseUnreachable` if it is about the connection itself, else as it is. */
export function unreachable(error: unknown, connection: Connection): unknown {
  if (error instanceof PgschedError) return error;
  if (!isConnectionError(error) && !isLoginError(error)) return error;
  const reason = error instanceof AggregateError ? error.errors[0] : error;
  const text = reason instanceof Error ? reason.message : String(reason);
  return new PgschedError('DatabaseUnreachable', {
    message: `Cannot use PostgreSQL at ${connection.display} (from ${connection.source}): ${maskUrl(text)}. Check that the server runs and that address, user and password are right${/invalid url/i.test(text) ? '; in a URL, the characters @ : / ? # and % of a password are written %40 %3A %2F %3F %23 %25' : ''}.`,
    details: { address: connection.display, source: connection.source },
    cause: withoutSecrets(reason),
  });
}

/** True when the server was not reached, or the connection broke: what was under way has an unknown outcome. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') {
    if (/^(08|57P0[1-5]|25006)/.test(code)) return true;
    if (/^E([A-Z]+|AI_[A-Z]+)$/.test(code)) return true;
    if (/^[0-9A-Z]{5}$/.test(code)) return false;
  }
  return /terminated|timeout (expired|exceeded)|not queryable|Connection ended|socket|ended by other party|has encountered a connection error/i.test(
    error.message,
  );
}

/** Wrong password, role or database; too many connections; TLS refused; an address that is none. */
function isLoginError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  // What the server says is told by its code: the words may be those of a trigger of the user's.
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) {
    return /^(28|3D000|53300|57P03)/.test(code);
  }
  return /SASL|SSL|TLS|CERT|INVALID_URL|password/i.test(`${code} ${error.message}`);
}

function withoutSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return maskUrl(String(error));
  const clean = new Error(maskUrl(error.message));
  clean.name = error.name;
  return Object.assign(clean, { code: (error as { code?: unknown }).code });
}
