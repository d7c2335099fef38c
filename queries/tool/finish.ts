import { lighten } from './lighten.js';

/** Statements of the client that needs no driver. */
const light: ReadonlySet<string> = new Set(['standalone.sql']);

/** What pgtyped wrote, made fit for us: every export has its type, so that declarations need no inference. */
export function finish(generated: string, source: string): string {
  const typed = generated
    .replace(/^\/\*\* Types generated for queries found in .*\n/, '')
    .replace(
      /^export const (\w+) = new PreparedQuery<(\w+),(\w+)>\((\w+)\);$/gm,
      'export const $1: PreparedQuery<$2, $3> = new PreparedQuery<$2, $3>($4);',
    )
    .trim();
  const body = light.has(source) ? lighten(typed) : typed;
  return `/** Generated from ${source} by \`npm run generate:queries\`: do not edit. */\n${body}\n`;
}
