import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { finish } from './finish.js';

export interface Rendered {
  /** The generated text by file name, such as `claim.queries.ts`. */
  readonly files: ReadonlyMap<string, string>;
  /** What is wrong, for people. The files are to be used only if there is nothing. */
  readonly problems: readonly string[];
}

const pgtyped = fileURLToPath(
  new URL('../../node_modules/@pgtyped/cli/lib/index.js', import.meta.url),
);

/**
 * Types the statements of a directory against a migrated database. pgtyped says nothing with its exit code, and skips a
 * file that it cannot read: so any line that it does not print in a good run is a problem, and so is a name without its export.
 */
export async function renderQueries(directory: string, databaseUrl: string): Promise<Rendered> {
  const sources = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  if (sources.length === 0)
    return { files: new Map(), problems: [`${directory} holds no .sql file`] };
  const work = await mkdtemp(join(tmpdir(), 'pgsched-queries-'));
  try {
    await mkdir(join(work, 'queries'));
    for (const name of sources) await copyFile(join(directory, name), join(work, 'queries', name));
    const problems = await runPgtyped(work, databaseUrl);
    const files = new Map<string, string>();
    for (const name of sources) {
      const output = name.replace(/\.sql$/, '.queries.ts');
      const sql = await readFile(join(directory, name), 'utf8');
      const text = await readFile(join(work, 'queries', output), 'utf8').catch(() => '');
      problems.push(...missingExports(name, sql, text));
      files.set(output, finish(text, name));
    }
    return { files, problems };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** What pgtyped printed beside its routine lines. */
async function runPgtyped(work: string, databaseUrl: string): Promise<string[]> {
  await writeFile(
    join(work, 'pgtyped.json'),
    JSON.stringify({
      transforms: [{ mode: 'sql', include: '*.sql', emitTemplate: '{{dir}}/{{name}}.queries.ts' }],
      srcDir: 'queries',
      failOnError: true,
      hungarianNotation: false,
      maxWorkerThreads: 1,
      dbUrl: databaseUrl,
    }),
  );
  // It takes options from the environment, too: PG*, DATABASE_URL and even FILE.
  const options = { cwd: work, env: { PATH: process.env['PATH'], NO_COLOR: '1' } };
  const output = await new Promise<string>((settle) => {
    execFile(process.execPath, [pgtyped, '-c', 'pgtyped.json'], options, (error, out, err) => {
      settle(`${out}\n${err}\n${error ? `pgtyped failed: ${error.message}` : ''}`);
    });
  });
  const routine =
    /^(Using a pool of \d+ threads\.|Processing .*|Saved \d+ query types from .*|\s*)$/;
  const unexpected = output.split('\n').filter((line) => !routine.test(line));
  return unexpected.length > 0 ? [unexpected.join('\n')] : [];
}

function missingExports(file: string, sql: string, generated: string): string[] {
  const names = [...sql.matchAll(/@name\s+(\w+)/g)].map(([, name = '']) => name);
  if (names.length === 0) return [`${file} has no statement with a @name`];
  return names
    .filter(
      (name) => !new RegExp(`^export const ${name} = new PreparedQuery<`, 'm').test(generated),
    )
    .map((name) => `${file}: nothing was generated for ${name}`);
}
