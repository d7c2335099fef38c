import { defineTasks, task } from 'pgsched';
import * as v from 'valibot';

/** The records were collected in 2010: a later release is a two-digit year that was read wrongly. */
const collectedUntil = Date.UTC(2010, 11, 31);

const amount = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)));

export default defineTasks({
  movies: {
    /** Normalises one record of the data set and stores it. */
    store: task({
      args: v.object({
        row: v.pipe(v.number(), v.integer(), v.minValue(0)),
        Title: v.pipe(v.string(), v.trim(), v.minLength(1)),
        'Release Date': v.pipe(
          v.string(),
          v.regex(/^[A-Z][a-z]{2} \d\d \d{4}$/, 'must read like "Jun 12 1998"'),
          v.check(
            (text) => Date.parse(`${text} UTC`) <= collectedUntil,
            'lies after the collection of 2010',
          ),
        ),
        'Major Genre': v.nullable(v.string()),
        'Worldwide Gross': amount,
        'Production Budget': amount,
        'IMDB Rating': v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(10))),
      }),
      result: v.object({ genre: v.string() }),
      key: (record) => `row:${record.row}`,
      backoff: { kind: 'exponential', base: '200ms', max: '5s' },
      timeout: '10s',
    }),

    /** Figures of one genre over what is stored. */
    summarize: task<{ genre: string }, GenreSummary>({ priority: 'high', timeout: '10s' }),
  },
});

export interface GenreSummary {
  genre: string;
  movies: number;
  /** Dollars, all movies together. */
  gross: number;
  /** null: no movie of the genre is rated. */
  meanRating: number | null;
  best: { title: string; rating: number } | null;
}
