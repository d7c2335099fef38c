import { type JSDocTagInfo, Node, type Symbol as TsSymbol, type Type, ts } from 'ts-morph';
import { withoutUndefined } from '../../runtime/contract/shape/members.js';
import type { Shape } from '../../runtime/contract/types.js';
import type { ErrorName } from '../../runtime/errors.js';
import type { Place } from '../diagnostic.js';
import type { DocTag, TypeText } from '../model.js';
import { writtenDoc } from './doc-comments.js';

/** A type read: how its values travel, and how the generated code writes it. */
export interface ReadType {
  readonly shape: Shape;
  readonly text: TypeText;
}

/** Something in a type that JSON cannot carry, or that its tags cannot ask for. */
export interface TypeProblem {
  readonly node: Node | Place;
  readonly message: string;
  /** What else than `NotJson` it is. */
  readonly name?: ErrorName;
}

/** Where the reading of one type stands. */
export interface TypeWalk {
  /** Reads a part of the type. */
  readonly read: (type: Type) => ReadType;
  readonly problems: TypeProblem[];
  /** The user's own code for each path. */
  readonly places: Map<string, Node>;
  /** False once `text` does not say all of the type: a brand, an enum. */
  exact: boolean;
  /** The code that stands for the part being read. */
  at: Node;
  /** The part being read, such as `args.items[].price`. */
  path: string;
  /** Whether the tags of properties say what their values must be: with a schema that is the schema's business. */
  readonly constraints: boolean;
}

/** Notes a problem with the part being read. */
export function refuse(walk: TypeWalk, message: string): ReadType {
  const path = walk.path.length > 80 ? `${walk.path.slice(0, 79)}…` : walk.path;
  walk.problems.push({ node: nameNodeOf(walk.at), message: `${path} ${message}` });
  return { shape: { kind: 'json' }, text: 'unknown' };
}

/** Reads a part one step further down. */
export function readWithin(walk: TypeWalk, step: string, type: Type): ReadType {
  const { path } = walk;
  walk.path = path + step;
  const read = walk.read(type);
  walk.path = path;
  return read;
}

/** A type's own text, on one line, cut to a readable length. */
export function named(type: Type, at: Node): string {
  const text = type.getText(at).replace(/\s+/g, ' ');
  return `\`${text.length > 60 ? `${text.slice(0, 59)}…` : text}\``;
}

/** A declaration's name, else the declaration. */
export function nameNodeOf(node: Node): Node {
  return Node.isPropertyNamed(node) ? node.getNameNode() : node;
}

/** A symbol's place in the user's own code, if it has one there. */
export function ownDeclaration(symbol: TsSymbol): Node | undefined {
  return symbol.getDeclarations().find((node) => {
    const file = node.getSourceFile();
    return !file.isInNodeModules() && !file.isDeclarationFile();
  });
}

/** A symbol's doc comment without its tags. */
export function docOf(symbol: TsSymbol): string {
  const doc = textOf(symbol.compilerSymbol.getDocumentationComment(undefined));
  // Of `{ /** A note. */ note: string }` TypeScript says nothing.
  return doc || symbol.getDeclarations().map(writtenDoc).filter(Boolean).join('\n');
}

export function readTag(tag: JSDocTagInfo): DocTag {
  return { name: tag.getName(), text: textOf(tag.getText()) };
}

function textOf(parts: ts.SymbolDisplayPart[]): string {
  return ts.displayPartsToString(parts).replace(/\r\n?/g, '\n').trim();
}

export function withUndefined(shape: Shape): Shape {
  const present = withoutUndefined(shape);
  const members = present.kind === 'union' ? present.members : [present];
  return { kind: 'union', members: [...members, { kind: 'undefined' }] };
}

/** The type's text with `undefined` as its last member. */
export function orUndefined(text: TypeText): TypeText {
  if (text === 'undefined') return text;
  const members = typeof text === 'object' && 'union' in text ? text.union : [text];
  return { union: [...members.filter((member) => member !== 'undefined'), 'undefined'] };
}
