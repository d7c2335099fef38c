/**
 * Imports the records of a real, dirty data set with one job each, then computes figures with one call per genre.
 * `npm run demo` runs it on an embedded PostgreSQL; with PGSCHED_DATABASE_URL it uses that one, and can be killed and
 * started again: what was stored stays, what was queued goes on.
 */
import { type Issue, isPgschedError } from 'pgsched';
import { openDatabase } from './database.js';
import { createClient, type MoviesStoreArgs } from './generated/client.js';
import { createWorker } from './handlers/index.js';
import { readRecords } from './records.js';
import { genreTable, progressBar, refusedTable } from './report.js';

const startedAt = performance.now();
const database = await openDatabase();
const client = createClient({ connectionString: database.url });
const worker = createWorker({ connectionString: database.url });
await worker.start();

try {
  const records = await readRecords();
  const issues = await refusedIssues(records);
  const refused = new Set(issues.map((issue) => issue.index));
  const accepted = records.filter((record) => !refused.has(record.row));
  const titles = records.map((record) => record.Title);
  console.log(`The contract refuses ${refused.size} of ${records.length} records:`);
  console.log(refusedTable(issues, titles));

  const genres = await store(accepted);
  const figures = await Promise.all(genres.map((genre) => client.call.movies.summarize({ genre })));
  console.log(genreTable(figures.sort((a, b) => b.movies - a.movies)));

  const stored = figures.reduce((sum, { movies }) => sum + movies, 0);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${stored} stored + ${refused.size} refused = ${stored + refused.size} records, in ${seconds} s`,
  );
  if (stored + refused.size !== records.length) process.exitCode = 1;
} finally {
  await worker.stop();
  await client.close();
  await database.close();
}

/** A bulk call with bad items is refused whole, and says which they are: nothing is enqueued here. */
async function refusedIssues(records: readonly MoviesStoreArgs[]): Promise<readonly Issue[]> {
  try {
    await client.enqueue.movies.store.many(records);
    return [];
  } catch (error) {
    if (!isPgschedError(error, 'InvalidArgs')) throw error;
    return error.details['issues'] as readonly Issue[];
  }
}

/** Enqueues all records at once, and waits for each. Answers the genres that there are. */
async function store(records: readonly MoviesStoreArgs[]): Promise<string[]> {
  const handles = await client.enqueue.movies.store.many(records);
  const bar = progressBar(handles.length);
  const results = await Promise.all(
    handles.map(async (handle) => {
      const result = await handle.result();
      bar.step();
      return result;
    }),
  );
  bar.stop();
  return [...new Set(results.map(({ genre }) => genre))];
}
