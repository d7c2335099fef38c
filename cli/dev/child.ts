import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { hasColor, paint } from '../output.js';

export interface ChildOptions {
  readonly label: string;
  readonly color: 'cyan' | 'magenta' | 'blue';
  readonly env: NodeJS.ProcessEnv;
  /** Called with what the child sends. Without it there is no channel. */
  readonly onMessage?: ((message: unknown) => void) | undefined;
}

/** A process that runs beside us: its lines marked with its label, itself and all that it starts ended together. */
export class Child {
  /** The exit code, as a shell would give it. */
  readonly ended: Promise<number>;
  readonly #process: ChildProcess;

  constructor(command: readonly string[], { label, color, env, onMessage }: ChildOptions) {
    const [program, ...args] = command as [string, ...string[]];
    const pipes = ['ignore', 'pipe', 'pipe'] as const;
    // A group of its own: Ctrl-C reaches us alone, and we end the children in order.
    this.#process = spawn(program, args, {
      env: hasColor(process.stderr) ? { FORCE_COLOR: '1', ...env } : env,
      stdio: onMessage === undefined ? [...pipes] : [...pipes, 'ipc'],
      detached: process.platform !== 'win32',
    });
    this.ended = ended(this.#process);
    // Should we end in a way that nobody foresaw, it does too.
    const end = () => this.signal('SIGTERM');
    process.once('exit', end);
    this.#process.once('exit', () => process.off('exit', end));
    if (onMessage !== undefined) this.#process.on('message', onMessage);
    for (const [source, target] of [
      [this.#process.stdout, process.stdout],
      [this.#process.stderr, process.stderr],
    ] as const) {
      forward(source as Readable, target, `${paint(color, label.padEnd(8), target)} │ `);
    }
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.#process.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // It is gone already.
    }
  }

  /** Asks it to end, and after `patience` milliseconds ends it with all that it started. */
  async stop(signal: NodeJS.Signals, patience: number): Promise<void> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal('SIGKILL'), patience);
    await this.ended;
    clearTimeout(timer);
    this.signal('SIGKILL');
  }
}

/** @throws the system's error when it could not be started */
async function ended(child: ChildProcess): Promise<number> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal as NodeJS.Signals];
}

function forward(source: Readable, target: NodeJS.WriteStream, prefix: string): void {
  createInterface({ input: source }).on('line', (line) => target.write(`${prefix}${line}\n`));
}
