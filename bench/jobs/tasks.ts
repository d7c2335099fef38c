import { defineTasks, task } from 'pgsched';
import * as v from 'valibot';

/** Of a record as an application would send it; `pad` makes it as long as a measurement wants it. */
const order = v.object({
  id: v.pipe(v.number(), v.integer(), v.minValue(1)),
  email: v.pipe(v.string(), v.email()),
  at: v.date(),
  lines: v.array(v.object({ sku: v.pipe(v.string(), v.maxLength(40)), count: v.number() })),
  pad: v.string(),
});

export default defineTasks({
  /** Does nothing: what is measured is everything around it. */
  noop: task<{ n: number }>(),

  /** The same, of which nothing is kept. */
  fleeting: task<{ n: number }>({ retention: 'none' }),

  /** The same on lanes of their own. */
  lanes: {
    two: task<{ n: number }>(),
    three: task<{ n: number }>(),
    four: task<{ n: number }>(),
  },

  /** The same without history. */
  fleetingLanes: {
    two: task<{ n: number }>({ retention: 'none' }),
    three: task<{ n: number }>({ retention: 'none' }),
    four: task<{ n: number }>({ retention: 'none' }),
  },

  /** Answers, for round trips. */
  echo: task<{ n: number }, { n: number }>(),

  /** Throws at the first run of each tenth job. */
  flaky: task<{ n: number }>({ backoff: { kind: 'fixed', delay: '10ms' } }),

  /** Tells how late it starts. */
  timed: task<{ due: number }>(),

  /** One at a time under its key, which is used again and again. */
  keyed: task<{ key: string }>({ key: (args) => args.key }),

  /** What no worker here takes. */
  stranger: task<{ n: number }>(),

  /** Validated by a schema at both ends. */
  order: task({ args: order }),
});
