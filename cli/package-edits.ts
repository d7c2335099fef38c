import { PgschedError } from '../runtime/errors.js';
import { shown } from './output.js';

const scripts: Readonly<Record<string, string>> = {
  'pgsched:generate': 'pgsched generate',
  'pgsched:worker': 'pgsched worker',
};

/**
 * A package.json with our scripts, and of type `module`: what pgsched writes is ES modules, and `npm init` writes commonjs.
 * The type of a package that has code already stays. Also says what was done, in words.
 */
export function editPackage(
  text: string,
  { path, hasSource }: { path: string; hasSource: boolean },
): { text: string; what: string } {
  const json = parse(text, path);
  const done: string[] = [];
  if (json['type'] !== 'module' && !hasSource) {
    json['type'] = 'module';
    done.push('type: module');
  }
  const own = (json['scripts'] ?? {}) as Record<string, unknown>;
  const missing = Object.entries(scripts).filter(([name]) => !(name in own));
  if (missing.length > 0) {
    json['scripts'] = { ...own, ...Object.fromEntries(missing) };
    done.push(`scripts ${missing.map(([name]) => name).join(', ')}`);
  }
  const note = json['type'] === 'module' ? [] : ['it stays commonjs: it has code already'];
  const what = [...done, ...note].join('; ');
  if (done.length === 0) return { text, what };
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? '  ';
  return { text: `${JSON.stringify(json, null, indent)}\n`, what };
}

function parse(text: string, path: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new PgschedError('PackageNotFound', {
      message: `${shown(path)} is no JSON: ${(error as Error).message}. Correct it first.`,
    });
  }
}
