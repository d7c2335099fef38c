import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { closest } from '../generator/closest.js';
import type { Config } from '../runtime/config.js';
import { PgschedError } from '../runtime/errors.js';
import { loadModuleAfresh } from './load-module.js';
import { shown } from './output.js';

/** A config as it was read; `file` is null where there is none. */
export interface LoadedConfig {
  readonly config: Config;
  readonly file: string | null;
}

const names = ['ts', 'mts', 'js', 'mjs', 'json'].map((end) => `pgsched.config.${end}`);

const worker = v.strictObject({
  tasks: v.union([v.string(), v.array(v.string())]),
  handlers: v.string(),
  worker: v.optional(v.string()),
  contract: v.optional(v.string()),
});

const schema = v.strictObject({
  manifest: v.optional(v.string()),
  out: v.optional(v.string()),
  handlers: v.optional(v.string()),
  worker: v.optional(v.string()),
  schema: v.optional(v.string()),
  client: v.optional(v.literal('standalone')),
  contract: v.optional(v.string()),
  workers: v.optional(v.record(v.string(), worker)),
  importExtension: v.optional(v.picklist(['js', 'ts', 'none'])),
  baseline: v.optional(v.string()),
  jsonSchema: v.optional(v.boolean()),
});

/**
 * The config of a folder, or the file that was asked for. Without a file everything has its default.
 *
 * @throws InvalidConfig
 */
export async function loadConfig(folder: string, asked?: string): Promise<LoadedConfig> {
  const file = findConfig(folder, asked);
  if (file === null) return { config: {}, file };
  return { config: validate(await read(file), file), file };
}

/** The config file of a folder; null if it has none. @throws InvalidConfig when the one asked for is not there */
export function findConfig(folder: string, asked: string | undefined): string | null {
  const candidates = asked === undefined ? names : [asked];
  const found = candidates.map((name) => resolve(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (asked === undefined) return null;
  throw invalid(`There is no config at ${shown(resolve(folder, asked))}.`);
}

async function read(file: string): Promise<unknown> {
  if (file.endsWith('.json')) {
    try {
      return JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      throw invalid(`${shown(file)} is no JSON: ${(error as Error).message}.`, error);
    }
  }
  const module = await loadModuleAfresh(file).catch((error: Error) => {
    throw invalid(error.message, error.cause);
  });
  if (module['default'] !== undefined) return module['default'];
  throw invalid(
    `${shown(file)} has no default export. Write \`export default defineConfig({ … })\`.`,
  );
}

function validate(value: unknown, file: string): Config {
  // To valibot a list is an object too.
  const parsed = v.safeParse(schema, Array.isArray(value) ? 'a list' : value);
  if (parsed.success) return parsed.output;
  throw invalid(`${shown(file)}: ${parsed.issues.map(inWords).join('; ')}`);
}

function inWords(issue: v.InferIssue<typeof schema>): string {
  const path = v.getDotPath(issue) ?? '';
  if (path === '') return `its default export must be an object, got ${issue.received}`;
  if (issue.received === 'undefined') return `\`${path}\` is missing`;
  // What valibot expects of a key that it does not know.
  if (issue.expected !== 'never') {
    return `\`${path}\` must be ${wanted(issue.expected ?? '')}, got ${issue.received}`;
  }
  const options = Object.keys(path.startsWith('workers.') ? worker.entries : schema.entries);
  const meant = closest(path.slice(path.lastIndexOf('.') + 1), options);
  const advice = meant ? `Did you mean \`${meant}\`?` : `There are ${options.join(', ')}.`;
  return `\`${path}\` is no option. ${advice}`;
}

/** What valibot expects, in words: the name of a type, or values. */
function wanted(expected: string): string {
  if (/^\w/.test(expected)) return `a ${expected}`;
  return expected.startsWith('(')
    ? `one of ${expected.slice(1, -1).replaceAll(' | ', ', ')}`
    : expected;
}

export function invalid(message: string, cause?: unknown): PgschedError {
  return new PgschedError('InvalidConfig', { message, cause });
}

/** Where a manifest is looked for, the first that exists; the last is where `init` puts one. */
export const manifestPlaces: readonly string[] = ['tasks.ts', 'jobs/tasks.ts', 'src/jobs/tasks.ts'];

export function findManifest(folder: string): string {
  const found = manifestPlaces.find((place) => existsSync(join(folder, place)));
  return join(folder, found ?? (manifestPlaces.at(-1) as string));
}
