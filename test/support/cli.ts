import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const repository: string = fileURLToPath(new URL('../../', import.meta.url));
export const binary: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface RunOptions {
  cwd?: string | undefined;
  /** Beside `PATH` and `HOME`: nothing else of this process's environment reaches the command. */
  env?: Readonly<Record<string, string>> | undefined;
  input?: string | undefined;
  /** A process group of its own, as a terminal gives it: Ctrl-C is then `process.kill(-pid, 'SIGINT')`. @default false */
  group?: boolean | undefined;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** All that it has printed so far. */
  output(): string;
  /** Resolves once what it prints, on either stream, matches; from the place where the last match ended. */
  prints(pattern: RegExp): Promise<string>;
}

/** Runs the built `pgsched` to its end. */
export function pgsched(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startPgsched(args, options).ended;
}

export function startPgsched(args: readonly string[], options: RunOptions = {}): Running {
  return start([process.execPath, binary, ...args], options);
}

/** Runs any program to its end. */
export function start(command: readonly string[], options: RunOptions = {}): Running {
  const [program, ...args] = command as [string, ...string[]];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, args, {
    cwd: options.cwd ?? process.cwd(),
    env: { PATH, HOME, ...options.env },
    detached: options.group === true,
  });
  let all = '';
  let seen = 0;
  const texts = { stdout: '', stderr: '' };
  const changed = new EventTarget();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      all += text;
      changed.dispatchEvent(new Event('change'));
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...texts }));

  function prints(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(all.slice(seen));
        if (match === null) return;
        seen += match.index + match[0].length;
        changed.removeEventListener('change', look);
        resolve(match[0]);
      };
      changed.addEventListener('change', look);
      ended.then(() => reject(new Error(`It ended without printing ${pattern}:\n${all}`)));
      look();
    });
  }

  return { child, pid: child.pid as number, ended, output: () => all, prints };
}
