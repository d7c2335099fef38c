import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(
  new URL('../../../node_modules/typescript/lib/tsserver.js', import.meta.url),
);

/** A place in a file, as an editor counts: both from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly offset: number;
}

/** TypeScript's own language server, as editors run it: with projects that refer to each other. */
export class TsServer {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (body: unknown) => void>();
  #sent = 0;

  constructor(cwd: string) {
    const args = [server, '--disableAutomaticTypingAcquisition'];
    this.#process = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const { type, request_seq, body } = JSON.parse(line);
      if (type === 'response') this.#waiting.get(request_seq)?.(body);
    });
  }

  open(file: string): void {
    this.#send('open', { file });
  }

  async definition(place: Place): Promise<Place[]> {
    const found = (await this.#ask('definition', place)) as { file: string; start: Place }[];
    return found.map(({ file, start }) => ({ ...start, file }));
  }

  /** The files in which a rename changes something, each with the lines. */
  async rename(place: Place): Promise<{ file: string; lines: number[] }[]> {
    const { locs } = (await this.#ask('rename', place)) as {
      locs: { file: string; locs: { start: Place }[] }[];
    };
    return locs.map(({ file, locs }) => ({ file, lines: locs.map(({ start }) => start.line) }));
  }

  close(): void {
    this.#process.kill();
  }

  #ask(command: string, place: Place): Promise<unknown> {
    return new Promise((resolve) => {
      this.#waiting.set(this.#send(command, place), resolve);
    });
  }

  #send(command: string, args: object): number {
    this.#sent += 1;
    const request = { seq: this.#sent, type: 'request', command, arguments: args };
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#sent;
  }
}
