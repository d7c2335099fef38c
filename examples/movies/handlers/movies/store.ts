import type { MoviesStoreHandler } from '../../generated/handlers.js';

/** The row and the job's completion commit together: a record is stored exactly once, whatever dies in between. */
export const handler: MoviesStoreHandler = (record, job) =>
  job.transaction(async (tx) => {
    const genre = record['Major Genre'] ?? 'Unknown';
    await tx.query(
      `insert into movie (id, title, released, genre, gross, budget, rating)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (id) do update
         set title = excluded.title, released = excluded.released, genre = excluded.genre,
             gross = excluded.gross, budget = excluded.budget, rating = excluded.rating`,
      [
        record.row,
        record.Title,
        isoDay(record['Release Date']),
        genre,
        record['Worldwide Gross'],
        record['Production Budget'],
        record['IMDB Rating'],
      ],
    );
    return { genre };
  });

/** `Jun 12 1998` → `1998-06-12`. */
function isoDay(text: string): string {
  return new Date(`${text} UTC`).toISOString().slice(0, 10);
}
