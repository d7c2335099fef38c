import type { __Task__Upcast } from './__handlers__.js';

/** Brings args of `__name__` that older callers have enqueued up to date, from each version to the next. */
export const upcast: __Task__Upcast = {
  // __steps__
};
