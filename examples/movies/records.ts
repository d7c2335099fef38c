import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MoviesStoreArgs } from './generated/client.js';

/** The 3,201 records of vega-datasets' movies.json, as they are: with nulls, titles that are numbers, impossible dates. */
export async function readRecords(): Promise<MoviesStoreArgs[]> {
  const file = join(
    dirname(createRequire(import.meta.url).resolve('vega-datasets')),
    '../data/movies.json',
  );
  const records: Omit<MoviesStoreArgs, 'row'>[] = JSON.parse(await readFile(file, 'utf8'));
  return records.map((record, row) => ({ row, ...record }));
}
