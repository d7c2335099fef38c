import { spawn } from 'node:child_process';

/** What a git command answered. */
export interface GitAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  /** git's own words, in English whatever the locale. */
  readonly stderr: string;
}

/** Runs git in a folder, without a shell. null: there is no git on this machine. */
export function git(folder: string, args: readonly string[]): Promise<GitAnswer | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd: folder,
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(null);
      else reject(error);
    });
    child.on('close', (code) => resolve({ ok: code === 0, stdout, stderr: stderr.trim() }));
  });
}
