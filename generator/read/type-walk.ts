import { type JSDocTagInfo, Node, type Symbol as TsSymbol, type Type, ts } from 'ts-morph';
import type { Shape } from '../../runtime/contract/types.js';
import type { DocTag, TypeText } from '../model.js';

/** A type read: how its values travel, and how the generated code writes it. */
export interface ReadType {
  readonly shape: Shape;
  readonly text: TypeText;
}

/** Something in a type that JSON cannot carry. */
export interface TypeProblem {
  readonly node: Node;
  readonly message: string;
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
  return textOf(symbol.compilerSymbol.getDocumentationComment(undefined));
}

export function readTag(tag: JSDocTagInfo): DocTag {
  return { name: tag.getName(), text: textOf(tag.getText()) };
}

function textOf(parts: ts.SymbolDisplayPart[]): string {
  return ts.displayPartsToString(parts).replace(/\r\n?/g, '\n').trim();
}

export function withoutUndefined(shape: Shape): Shape {
  if (shape.kind !== 'union') return shape;
  const members = shape.members.filter((member) => member.kind !== 'undefined');
  if (members.length === shape.members.length) return shape;
  const [only] = members;
  return only && members.length === 1 ? only : { kind: 'union', members };
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
