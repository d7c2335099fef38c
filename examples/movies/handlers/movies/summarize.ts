import type { MoviesSummarizeHandler } from '../../generated/handlers.js';

export const handler: MoviesSummarizeHandler = ({ genre }, job) =>
  job.transaction(async (tx) => {
    const { rows } = await tx.query(
      `select count(*)::int as movies, coalesce(sum(gross), 0)::float8 as gross, avg(rating)::float8 as "meanRating",
              (select jsonb_build_object('title', b.title, 'rating', b.rating)
                 from movie b where b.genre = $1 and b.rating is not null
                order by b.rating desc, b.title limit 1) as best
         from movie where genre = $1`,
      [genre],
    );
    return { genre, ...rows[0] };
  });
