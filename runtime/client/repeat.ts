import { type Connection, isConnectionError, unreachable } from '../database/connection.js';
import { PgschedError } from '../errors.js';

const repeatFor = 10_000;
const firstPause = 50;
const longestPause = 1_000;

/**
 * Repeats what a lost connection left with an unknown outcome, for 10 seconds. `repeat`: an attempt went before this one.
 *
 * @throws DatabaseUnreachable
 */
export async function repeatOverOutage<T>(
  connection: Connection,
  attempt: (repeat: boolean) => Promise<T>,
): Promise<T> {
  const giveUpAt = performance.now() + repeatFor;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      return await attempt(pause > firstPause);
    } catch (error) {
      const cause = error instanceof PgschedError ? error.cause : error;
      const again = isConnectionError(cause) || (pause > firstPause && isOvertaken(cause));
      if (!again || performance.now() > giveUpAt) {
        throw unreachable(error, connection);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** While this repeat was under way, the server has come to the first insert of the same jobs. */
function isOvertaken(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23505' && constraint === 'job_pkey';
}
