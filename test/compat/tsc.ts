import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const repository: string = fileURLToPath(new URL('../../', import.meta.url));
const golden = 'test/fixtures/generator/src';

/** One of the compilers that package.json names. */
export type Version = '5.4' | '5.9' | '6.0' | '7.0';

/** How a project's imports find their files. */
export type Resolution = 'NodeNext' | 'Bundler';

/** The golden project: every generated file, with the manifests that they come from. */
export const files: readonly string[] = readdirSync(repository + golden, {
  recursive: true,
  encoding: 'utf8',
})
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `${golden}/${file}`)
  .sort();

/**
 * What that compiler says of the golden project, a line each. Imports of `pgsched` find the built package by its own
 * package.json, as they do where it is installed.
 */
export async function tsc(
  version: Version,
  resolution: Resolution,
  flags: Readonly<Record<string, boolean | string>>,
): Promise<string[]> {
  const bin = `${repository}test/compat/node_modules/typescript-${version}/bin/tsc`;
  const all = {
    noEmit: true,
    target: 'ES2022',
    module: resolution === 'NodeNext' ? 'NodeNext' : 'ESNext',
    moduleResolution: resolution,
    rootDir: '.',
    types: 'node',
    // From 6.0 on a tsconfig that stands by must be declined.
    ...(Number(version) >= 6 ? { ignoreConfig: true } : {}),
    ...flags,
  };
  const options = Object.entries(all).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const { code, text } = await run(process.execPath, [bin, ...options, ...files]);
  const lines = text.split('\n').filter((line) => /\berror TS\d+/.test(line));
  if (code !== 0 && lines.length === 0) throw new Error(text);
  return lines;
}

function run(command: string, args: readonly string[]): Promise<{ code: unknown; text: string }> {
  return new Promise((resolve) => {
    const options = { cwd: repository, maxBuffer: 2 ** 26 };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, text: stdout + stderr });
    });
  });
}
