import type { TaskContract } from '../runtime/contract/types.js';

/** What reading a manifest gives and emitting needs: plain JSON, in the manifest's order. */
export interface ManifestModel {
  readonly tasks: readonly TaskModel[];
  /** Dotted paths of all groups, parents first. */
  readonly groups: readonly string[];
  /** Names of tasks that are no more, in the order of their code points. */
  readonly retired: readonly string[];
  /** How the user's modules name each other in imports. */
  readonly extension: ImportExtension;
}

export type ImportExtension = '.js' | '.ts' | '';

export interface TaskModel {
  readonly name: string;
  /** The manifest's doc comment, without its tags. */
  readonly doc: string;
  /** The text of its `@deprecated` tag. */
  readonly deprecated: string | null;
  /** Its other tags, in their order: `@example`, `@see` … */
  readonly tags: readonly DocTag[];
  readonly contract: TaskContract;
  readonly types: {
    /** What callers pass. */
    readonly args: TypeModel;
    /** What the handler gets; `null` where that is the args themselves. */
    readonly parsedArgs: TypeModel | null;
    /** What callers get. */
    readonly result: TypeModel;
    /** What the handler returns; `null` where that is the result itself. */
    readonly returned: TypeModel | null;
  };
  /** Types of this task that refer to themselves, by the name that `ref` uses. */
  readonly definitions: readonly { readonly name: string; readonly text: TypeText }[];
}

export interface DocTag {
  /** Without the `@`. */
  readonly name: string;
  readonly text: string;
}

/**
 * A type as the generated code writes it: nothing (`void`), its structure, or, where a structure cannot say it
 * (an enum, a brand, a class), the manifest's own type.
 */
export type TypeModel =
  | { readonly kind: 'void' }
  | { readonly kind: 'text'; readonly text: TypeText }
  | { readonly kind: 'manifest' };

/** The structure of a type, ready to be laid out. A string is written as it is. */
export type TypeText =
  | string
  | { readonly ref: string }
  | { readonly union: readonly TypeText[] }
  | { readonly object: readonly FieldText[] }
  | { readonly array: TypeText; readonly readonly: boolean }
  | {
      readonly tuple: readonly TypeText[];
      /** How many of the items must be there. */
      readonly required: number;
      readonly rest: TypeText | null;
      readonly readonly: boolean;
    }
  | { readonly generic: string; readonly of: readonly TypeText[] };

export interface FieldText {
  readonly name: string;
  readonly optional: boolean;
  readonly doc: string;
  readonly type: TypeText;
}
