import { defineTasks, task } from 'pgsched';

/** The tasks of this project. After a change: `npx pgsched generate`. */
export default defineTasks({
  /** Greets somebody. Put your own tasks here. */
  greet: task<{ name: string }, { greeting: string }>(),
});
