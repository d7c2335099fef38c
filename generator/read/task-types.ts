import { Node, type Type } from 'ts-morph';
import type { Shape, TaskContract } from '../../runtime/contract/types.js';
import type { TaskModel, TypeModel } from '../model.js';
import type { DeclaredTask, Report } from './tasks.js';
import { createTypeReader } from './type-reader.js';
import type { ReadType } from './type-walk.js';

export interface TaskTypes {
  readonly types: TaskModel['types'];
  readonly args: TaskContract['args'];
  readonly result: TaskContract['result'];
  /** Those that the stored shapes use. */
  readonly contractDefinitions: Readonly<Record<string, Shape>>;
  /** Those that the generated types use. */
  readonly definitions: TaskModel['definitions'];
}

/** Reads `Task<A, R, AOut, ROut>`: what is passed and stored, handed over, returned, and given back. */
export function readTaskTypes(task: DeclaredTask, report: Report): TaskTypes {
  const { passed, returned, handed, given } = typeArgumentsOf(task);
  const reader = createTypeReader();

  /** A stored type: what JSON cannot carry is an error. */
  const stored = (type: Type | undefined, what: 'args' | 'result'): Stored => {
    if (!type || isNothing(type)) return { shape: null, model: { kind: 'void' }, text: null };
    const at = typeNodeOf(task, what) ?? task.nameNode;
    const { shape, text, exact, problems } = reader.read(type, at, what);
    for (const { node, message } of problems)
      report('NotJson', node, `\`${task.name}\`: ${message}`);
    if (what === 'args' && problems.length === 0 && !isObject(shape, reader.definitions)) {
      report(
        'InvalidManifest',
        at,
        `args of \`${task.name}\` must be an object, so that fields can be added later; got \`${type.getText(at)}\`.`,
      );
    }
    return { shape, model: exact ? { kind: 'text', text } : { kind: 'manifest' }, text };
  };

  /** The other side of a schema: any type will do, it stays in the process. */
  const local = (
    type: Type | undefined,
    storedType: Type | undefined,
    other: Stored,
  ): TypeModel | null => {
    if (!type || !storedType || same(type, storedType)) return null;
    if (isNothing(type)) return other.shape === null ? null : { kind: 'void' };
    const read = reader.read(type, task.nameNode, '');
    if (read.problems.length > 0 || !read.exact) return { kind: 'manifest' };
    if (other.model.kind === 'text' && JSON.stringify(read.text) === JSON.stringify(other.text))
      return null;
    return { kind: 'text', text: read.text };
  };

  const args = stored(passed, 'args');
  const result = stored(given, 'result');
  const types = {
    args: args.model,
    parsedArgs: local(handed, passed, args),
    result: result.model,
    returned: local(returned, given, result),
  };
  return {
    types,
    args: args.shape,
    result: result.shape,
    contractDefinitions: definitionsOf([args.shape, result.shape], reader.definitions),
    definitions: [...reader.definitions].map(([name, { text }]) => ({ name, text })),
  };
}

/** In a call that does not compile, TypeScript leaves open what was not written: the parameter itself stands there. */
function typeArgumentsOf({ type }: DeclaredTask) {
  const [passed, returned, handed, given] = type
    .getTypeArguments()
    .map((argument) => (argument.isTypeParameter() ? undefined : argument));
  return { passed, returned, handed: handed ?? passed, given: given ?? returned };
}

interface Stored {
  readonly shape: Shape | null;
  readonly model: TypeModel;
  readonly text: ReadType['text'] | null;
}

function isNothing(type: Type): boolean {
  return type.isVoid() || type.isUndefined();
}

function same(a: Type, b: Type): boolean {
  return a.compilerType === b.compilerType;
}

/** The type argument or the schema that says it. */
export function typeNodeOf(
  { call, options }: DeclaredTask,
  what: 'args' | 'result',
): Node | undefined {
  const typeArguments = Node.isCallExpression(call) ? call.getTypeArguments() : [];
  if (typeArguments.length > 0) return typeArguments[what === 'args' ? 0 : 1];
  return Node.isObjectLiteralExpression(options) ? options.getProperty(what) : undefined;
}

function isObject(shape: Shape, definitions: ReadonlyMap<string, ReadType>): boolean {
  if (shape.kind === 'ref') {
    const definition = definitions.get(shape.name);
    return definition !== undefined && isObject(definition.shape, definitions);
  }
  if (shape.kind === 'union') return shape.members.every((member) => isObject(member, definitions));
  return shape.kind === 'object' || shape.kind === 'record';
}

/** The definitions that shapes refer to, also through each other, by name. */
function definitionsOf(
  shapes: readonly (Shape | null)[],
  definitions: ReadonlyMap<string, ReadType>,
): Record<string, Shape> {
  const used = new Map<string, Shape>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { kind, name } = value as Partial<Extract<Shape, { kind: 'ref' }>>;
    const target = kind === 'ref' && name !== undefined ? definitions.get(name) : undefined;
    if (target && name !== undefined && !used.has(name)) {
      used.set(name, target.shape);
      collect(target.shape);
    }
    for (const part of Object.values(value)) collect(part);
  };
  for (const shape of shapes) collect(shape);
  return Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1)));
}
