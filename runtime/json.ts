/** Any value that JSON can carry. Use it where a task passes data on without knowing what is in it. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };
