import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repository } from './cli.js';

/** What a command printed as JSON, which must be what its published schema says. */
// biome-ignore lint/suspicious/noExplicitAny: the schema has checked it.
export function parsedOutput(command: 'generate' | 'check', stdout: string): any {
  return outputSchema(command).parse(JSON.parse(stdout));
}

/** The schema of what a command prints as JSON, as docs/schemas publishes it. */
export function outputSchema(command: 'generate' | 'check'): z.ZodType {
  const own = read(command);
  const defs = { ...read('generate').$defs, ...own.$defs };
  // To zod a document is a schema alone.
  const text = JSON.stringify({ ...own, $defs: defs }).replaceAll('generate.json#', '#');
  return z.fromJSONSchema(JSON.parse(text));
}

function read(name: string) {
  return JSON.parse(readFileSync(join(repository, `docs/schemas/${name}.json`), 'utf8'));
}
