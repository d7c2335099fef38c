import { defineTasks, task } from 'pgsched';

export default defineTasks({
  /** Does nothing: what is measured is everything around it. */
  noop: task<{ n: number }>(),

  /** Answers, for round trips. */
  echo: task<{ n: number }, { n: number }>(),
});
