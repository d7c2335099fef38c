import { Node, ts } from 'ts-morph';
import type { Place } from '../diagnostic.js';
import { literal } from '../emit/literal.js';
import { typeSource } from '../emit/type-text.js';
import type { TaskModel, TypeModel } from '../model.js';
import { evaluate, fieldsOf } from './evaluate.js';
import { placeIn, placeOf } from './place.js';
import { excerpt, NotStatic, resolve } from './resolve.js';
import { typeNodeOf } from './task-types.js';
import type { DeclaredTask } from './tasks.js';

/** One part of a task's contract, and where it comes from. */
export interface Part {
  /** `name`, `doc`, `args`, `result`, or an option. */
  readonly name: string;
  /** As contract.json has it. */
  readonly value: unknown;
  /** The value for people, on one line. */
  readonly text: string;
  /** Where the manifest says it; null: it does not, and the value is the default. */
  readonly place: Place | null;
  /** Where the value itself is written, if the manifest names a const there. */
  readonly source: Place | null;
}

/** Parts of the contract that are no options. */
const notOptions: ReadonlySet<string> = new Set(['args', 'result', 'schemas', 'definitions']);

/** Every part of a task that was read without an error. */
export function explainTask(declared: DeclaredTask, model: TaskModel): Part[] {
  const { name, doc, contract, types } = model;
  const fields = declared.options === undefined ? new Map() : fieldsOf(declared.options);
  const set = new Map([...fields].map(([option, field]): [string, Node] => [option, field.value]));
  const type = (what: 'args' | 'result'): Part => {
    const node = typeNodeOf(declared, what) ?? set.get(what);
    const value = contract[what];
    return part(what, value, typeText(types[what], node), node);
  };
  const options = Object.entries(contract).filter(([option]) => !notOptions.has(option));
  // What the contract does not keep by the option's own name.
  const others = [...set].filter(([option]) => !(option in contract) && !notOptions.has(option));
  return [
    { ...part('name', name, name, undefined), place: placeOf(declared.nameNode) },
    { ...part('doc', doc, flat(doc), undefined), place: docPlace(declared) },
    type('args'),
    type('result'),
    ...options.map(([option, value]) => part(option, value, flat(literal(value)), set.get(option))),
    ...others.map(([option, node]) => part(option, excerpt(node), excerpt(node), node)),
  ];
}

function part(name: string, value: unknown, text: string, node: Node | undefined): Part {
  if (node === undefined || isUndefined(node)) {
    return { name, value, text, place: null, source: null };
  }
  const place = placeOf(node);
  const target = targetOf(node);
  const source = target === node ? null : placeOf(target);
  const isElsewhere = source?.file !== place.file || source.line !== place.line;
  return { name, value, text, place, source: isElsewhere ? source : null };
}

function targetOf(node: Node): Node {
  // A type, and a property as a whole, stand for nothing else.
  if (!Node.isExpression(node)) return node;
  try {
    return resolve(node);
  } catch (error) {
    if (error instanceof NotStatic) return node;
    throw error;
  }
}

function isUndefined(node: Node): boolean {
  if (!Node.isExpression(node)) return false;
  try {
    const found = evaluate(node);
    return found.kind === 'value' && found.value === undefined;
  } catch (error) {
    if (error instanceof NotStatic) return false;
    throw error;
  }
}

/** The first doc comment of those that `readDoc` looks at. */
function docPlace({ property, call }: DeclaredTask): Place | null {
  for (const node of [property, call.getParent()]) {
    const [doc] = node ? ts.getJSDocCommentsAndTags(node.compilerNode) : [];
    if (doc) return placeIn(doc.getSourceFile(), doc.getStart(), doc.getEnd());
  }
  return null;
}

function typeText(type: TypeModel, node: Node | undefined): string {
  if (type.kind === 'void') return 'nothing';
  if (type.kind === 'manifest') return node === undefined ? '' : excerpt(node);
  return flat(typeSource(type.text, (ref) => ref).replaceAll(/\/\*\*[\s\S]*?\*\//g, ''));
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
