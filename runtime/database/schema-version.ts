import { schemaVersion } from '../../queries/maintenance.queries.js';
import { PgschedError } from '../errors.js';
import type { Run } from './statements.js';

/** The newest migration, which this runtime was written for. */
export const neededVersion = 11;

/**
 * Compares the database's schema with the one that this package was made for. A newer one is a warning: it stays
 * usable for the version before it.
 *
 * @throws SchemaOutOfDate when it is older or missing
 */
export async function checkSchemaVersion(
  run: Run,
  schema: string,
  warn: (message: string) => void,
): Promise<void> {
  const needed = neededVersion;
  const found = await readVersion(run);
  if (found < needed) {
    throw new PgschedError('SchemaOutOfDate', {
      message:
        found === 0
          ? `The database has no schema "${schema}" of pgsched. Run \`npx pgsched migrate\`, then start again.`
          : `The schema "${schema}" is at version ${found}, this pgsched needs ${needed}. Run \`npx pgsched migrate\`, then start again.`,
      details: { schema, found, needed },
    });
  }
  if (found > needed) {
    warn(
      `The schema "${schema}" is at version ${found}, newer than this pgsched's ${needed}. Update pgsched when you can.`,
    );
  }
}

async function readVersion(run: Run): Promise<number> {
  try {
    const [row] = await run(schemaVersion, undefined);
    return row?.version ?? 0;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // Undefined table, or schema.
    if (code === '42P01' || code === '3F000') return 0;
    throw error;
  }
}
