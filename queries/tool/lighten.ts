/** A statement as pgtyped keeps it. */
interface Kept {
  readonly statement: string;
  readonly params: readonly {
    readonly name: string;
    readonly locs: readonly { readonly a: number; readonly b: number }[];
  }[];
}

/** A module of prepared queries as one of plain texts that imports nothing at run time. */
export function lighten(module: string): string {
  const kept = new Map(
    [...module.matchAll(/^const (\w+): any = (\{.*\});$/gm)].map(([, name = '', json = '']) => [
      name,
      JSON.parse(json) as Kept,
    ]),
  );
  return module
    .replace(
      /^import \{ PreparedQuery \} from '@pgtyped\/runtime';$/m,
      "import type { LightQuery } from './light-query.js';",
    )
    .replace(/^const \w+: any = \{.*\};\n\n/gm, '')
    .replace(
      /^export const (\w+): PreparedQuery<(\w+), (\w+)> = new .*\((\w+)\);$/gm,
      (_, name: string, params: string, row: string, ir: string) =>
        `export const ${name}: LightQuery<${params}, ${row}> = ${dataOf(kept.get(ir) as Kept)};`,
    );
}

function dataOf({ statement, params }: Kept): string {
  const places = params
    .flatMap(({ locs }, index) => locs.map(({ a, b }) => ({ a, b, index })))
    .sort((one, other) => other.a - one.a);
  let text = statement;
  for (const { a, b, index } of places)
    text = `${text.slice(0, a)}$${index + 1}${text.slice(b + 1)}`;
  // The nullability marks of the columns' names are for the checker alone.
  const plain = text.replace(/ as "(\w+)!"/g, ' as "$1"');
  const parameters = params.map(({ name }) => name);
  return JSON.stringify({ text: plain, parameters }, null, 2).replace(/^ {2}"(\w+)":/gm, '  $1:');
}
