import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

/** Follows a changing set of files, also such as are not there yet. */
export interface FileWatch {
  /** Watches these files from now on; a change since the instant `since` counts. */
  follow(files: ReadonlySet<string>, since: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Calls back when one of the followed files is written, made, renamed or removed. It is their folders that are watched: a watch
 * on a file ends with the file, and editors save by putting a new one in its place.
 */
export function watchFiles(onChange: () => void): FileWatch {
  let watcher: FSWatcher | null = null;
  let folders: ReadonlySet<string> = new Set();
  let followed: ReadonlySet<string> = new Set();

  const isFollowed = (path: string) =>
    followed.has(path) || [...followed].some((file) => file.startsWith(path + sep));

  return {
    async follow(files, since) {
      followed = files;
      const wanted = new Set([...files].map((file) => existingFolder(dirname(file))));
      if ([...wanted].every((folder) => folders.has(folder))) return;
      const next = watch([...wanted], { ignoreInitial: true, depth: 0 });
      next.on('all', (_event, path) => {
        if (isFollowed(path)) onChange();
      });
      await once(next, 'ready');
      await watcher?.close();
      watcher = next;
      folders = wanted;
      // What changed in a folder before it was watched.
      if ([...files].some((file) => modified(file) > since)) onChange();
    },
    async close() {
      await watcher?.close();
    },
  };
}

/** The folder, or the nearest one above it that is there. */
function existingFolder(folder: string): string {
  return existsSync(folder) ? folder : existingFolder(dirname(folder));
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
