/** A checked statement as plain data, for programs in which pgtyped's runtime is too much. */
export interface LightQuery<Params, Row> {
  /** With `$1`, `$2`, … in the order of `parameters`. */
  readonly text: string;
  readonly parameters: readonly (keyof Params & string)[];
  /** For the compiler alone. */
  readonly '~row'?: Row;
}
