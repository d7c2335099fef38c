import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PgschedError } from '../runtime/errors.js';

/** One step of the schema's history: a file `NNNN_name.sql`. */
export interface Migration {
  readonly number: number;
  /** The file's name. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with LF line ends, in hex. */
  readonly checksum: string;
  /** False when the first line is `-- transaction: false`: the file is one statement that refuses to run in a transaction. */
  readonly transaction: boolean;
}

const ownDirectory: string = fileURLToPath(new URL('./migrations/', import.meta.url));

/** All migrations of this package, or of another directory, by number. */
export function readMigrations(directory: string = ownDirectory): Migration[] {
  return numbered(directory).map(([number, name]) => {
    const sql = readFileSync(`${directory}/${name}`, 'utf8').replaceAll('\r\n', '\n');
    return {
      number,
      name,
      sql,
      checksum: createHash('sha256').update(sql).digest('hex'),
      transaction: !/^-- transaction: false\s*\n/.test(sql),
    };
  });
}

/** The number of the newest migration that this package has: the version of the schema that it needs. */
export function latestVersion(directory: string = ownDirectory): number {
  return numbered(directory).at(-1)?.[0] ?? 0;
}

function numbered(directory: string): [number: number, name: string][] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.sql'));
  const files = names.map((name): [number, string] => {
    const number = /^(\d{4})_\w+\.sql$/.exec(name)?.[1];
    if (number === undefined) throw unusable(directory, `${name} is not named NNNN_name.sql`);
    return [Number(number), name];
  });
  files.sort(([a], [b]) => a - b);
  const twin = files.find(([number], i) => files[i + 1]?.[0] === number);
  if (twin) throw unusable(directory, `two files have the number of ${twin[1]}`);
  if (files.length === 0) throw unusable(directory, 'it holds none');
  return files;
}

function unusable(directory: string, problem: string): PgschedError {
  return new PgschedError('MigrationFailed', {
    message: `Cannot read the migrations in ${directory}: ${problem}. Is the package complete?`,
    details: { directory },
  });
}
