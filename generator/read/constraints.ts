import { Node, type Symbol as TsSymbol, type Type } from 'ts-morph';
import { alternatives } from '../../runtime/contract/shape/members.js';
import type { Shape } from '../../runtime/contract/types.js';
import { type ConstraintTag, constraintTags } from './constraint-tags.js';
import { type DocTag, docTags } from './doc-comments.js';
import { declarationOf } from './resolve.js';
import { named, type TypeWalk } from './type-walk.js';

/** The shape of a property with what the tags of its doc comment say of its values. */
export function constrain(shape: Shape, symbol: TsSymbol, type: Type, walk: TypeWalk): Shape {
  const declarations = symbol.getDeclarations();
  for (const declaration of declarations) refuseOnAliases(declaration, walk);
  const found = new Map<string, { readonly tag: DocTag; readonly value: unknown }>();
  for (const tag of declarations.flatMap(docTags)) {
    const constraint = constraintOf(tag, walk);
    if (!constraint) continue;
    const misfit = misfitOf(constraint, shape);
    if (misfit !== null) {
      const what = `\`${symbol.getName()}\` is ${named(type, walk.at)}`;
      refuseTag(tag, `${misfit}, and ${what}.`, walk);
    } else if (found.has(tag.name)) {
      refuseTag(tag, 'stands there twice: write it once.', walk);
    } else {
      const value = valueFrom(tag, constraint, walk);
      if (value !== undefined) found.set(tag.name, { tag, value });
    }
  }
  const values = Object.fromEntries([...found].map(([name, { value }]) => [name, value]));
  for (const [least, most] of emptyRanges(values)) {
    const tag = found.get(most)?.tag;
    if (tag) refuseTag(tag, `leaves no value beside \`@${least} ${values[least]}\`.`, walk);
  }
  return withValues(shape, values);
}

/** The tags of a property that are constraints, as its doc comment has them: callers see them where they write the value. */
export function constraintDoc(symbol: TsSymbol): string {
  return symbol
    .getDeclarations()
    .flatMap(docTags)
    .filter(({ name }) => constraintTags.has(name))
    .map(({ name, text }) => `@${name} ${text}`.trim())
    .join('\n');
}

function valueFrom(tag: DocTag, { value }: ConstraintTag, walk: TypeWalk): unknown {
  try {
    return value(tag.text);
  } catch (error) {
    refuseTag(tag, `takes ${(error as Error).message.replace(/[^.?]$/, '$&.')}`, walk);
    return undefined;
  }
}

function constraintOf(tag: DocTag, walk: TypeWalk): ConstraintTag | undefined {
  const known = constraintTags.get(tag.name);
  if (known) return known;
  const meant = [...constraintTags.keys()].find(
    (name) => name.toLowerCase() === tag.name.toLowerCase(),
  );
  if (meant) refuseTag(tag, `is written \`@${meant}\`.`, walk);
  return undefined;
}

function refuseTag({ name, place }: DocTag, message: string, { problems }: TypeWalk): void {
  problems.push({ name: 'InvalidConstraint', node: place, message: `\`@${name}\` ${message}` });
}

/** Why a tag cannot hold for a shape: it must fit one member, so that it is clear for which values it speaks. */
function misfitOf({ kind }: ConstraintTag, shape: Shape): string | null {
  const fitting = alternatives(shape).filter((member) => member.kind === kind);
  if (fitting.length === 1) return null;
  return fitting.length === 0 ? `is for ${kind}s` : `could be for each of several ${kind}s`;
}

function withValues(shape: Shape, values: Readonly<Record<string, unknown>>): Shape {
  if (shape.kind === 'union') {
    return { kind: 'union', members: shape.members.map((member) => withValues(member, values)) };
  }
  const own = Object.entries(values).filter(
    ([name]) => constraintTags.get(name)?.kind === shape.kind,
  );
  return own.length === 0 ? shape : { ...shape, ...Object.fromEntries(own) };
}

const ranges: readonly [least: string, most: string, mayMeet: boolean][] = [
  ['minLength', 'maxLength', true],
  ['minItems', 'maxItems', true],
  ['minimum', 'maximum', true],
  ['exclusiveMinimum', 'maximum', false],
  ['minimum', 'exclusiveMaximum', false],
  ['exclusiveMinimum', 'exclusiveMaximum', false],
];

/** The pairs of limits that no value can keep. */
function emptyRanges(values: Readonly<Record<string, unknown>>) {
  return ranges.filter(([least, most, meet]) => {
    const [from, to] = [values[least], values[most]];
    if (typeof from !== 'number' || typeof to !== 'number') return false;
    return meet ? from > to : from >= to;
  });
}

/** An alias of a type is gone once the type is read: a tag there would say nothing, silently. */
function refuseOnAliases(declaration: Node, walk: TypeWalk): void {
  const type = Node.isTyped(declaration) ? declaration.getTypeNode() : undefined;
  const visit = (node: Node): void => {
    const name = Node.isTypeReference(node) ? node.getTypeName().getSymbol() : undefined;
    const alias = declarationOf(name);
    for (const tag of Node.isTypeAliasDeclaration(alias) ? docTags(alias) : []) {
      if (constraintTags.has(tag.name)) {
        refuseTag(tag, 'is for properties: write it at each property of this type.', walk);
      }
    }
    // The properties of an object are read one by one.
    if (!Node.isTypeLiteral(node)) node.forEachChild(visit);
  };
  if (type) visit(type);
}
