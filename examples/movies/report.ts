import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import type { Issue } from 'pgsched';
import type { MoviesSummarizeResult } from './generated/client.js';

/** A bar that moves with each finished job; a line per tenth where there is no terminal. */
export function progressBar(total: number): { step(): void; stop(): void } {
  if (!process.stdout.isTTY) return progressLines(total);
  const bar = new SingleBar({ format: 'stored {bar} {value}/{total}  {eta_formatted} left' });
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}

function progressLines(total: number): { step(): void; stop(): void } {
  let done = 0;
  const step = (): void => {
    done += 1;
    if (done % Math.ceil(total / 10) === 0 || done === total)
      console.log(`stored ${done}/${total}`);
  };
  return { step, stop: () => {} };
}

/** No colours, and no line between rows. */
const plain = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
};

/** What the contract refused: which record, where in it, and why. */
export function refusedTable(issues: readonly Issue[], titles: readonly unknown[]): string {
  const table = new Table({ ...plain, head: ['record', 'title', 'field', 'reason'] });
  for (const { index = 0, path, message } of issues) {
    table.push([index, String(titles[index]), path, message]);
  }
  return table.toString();
}

export function genreTable(genres: readonly MoviesSummarizeResult[]): string {
  const table = new Table({
    ...plain,
    head: ['genre', 'movies', 'gross', 'mean rating', 'best'],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
  });
  for (const { genre, movies, gross, meanRating, best } of genres) {
    table.push([
      genre,
      movies,
      `${(gross / 1e9).toFixed(1)} bn $`,
      meanRating === null ? '–' : meanRating.toFixed(2),
      best === null ? '–' : `${best.title} (${best.rating})`,
    ]);
  }
  return table.toString();
}
