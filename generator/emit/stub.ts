import type { Shape } from '../../runtime/contract/types.js';
import type { ImportExtension } from '../model.js';
import { typeName } from '../names.js';
import { docComment } from './comment.js';
import { handlerPath, importPath, type Layout } from './layout.js';
import { renderTemplate } from './template.js';

/** What a stub is made from: all of it is in contract.json, so that an untouched stub can be told later. */
export interface StubTask {
  readonly name: string;
  readonly doc: string;
  readonly args: Shape | null;
}

export interface StubOptions {
  readonly layout: Layout;
  readonly extension: ImportExtension;
  /** The text of templates/handler.ts. */
  readonly template: string;
}

/** The handler that a task begins with. */
export function emitStub(task: StubTask, { layout, extension, template }: StubOptions): string {
  const types = `${layout.handlersOut}/handlers.ts`;
  return renderTemplate(template, {
    '/** __doc__ */\n': docComment(task.doc),
    './__handlers__.js': importPath(handlerPath(layout, task.name), types, extension),
    __Task__: typeName(task.name),
    __args__: parameter(task.args),
  });
}

/** `{ orderId, to }`: the fields of the args, where they fit. */
function parameter(args: Shape | null): string {
  if (args === null) return '_args';
  if (args.kind !== 'object') return 'args';
  const names = args.properties.map(({ name }) => name);
  const text = `{ ${names.join(', ')} }`;
  const plain = names.every((name) => /^[A-Za-z_$][\w$]*$/.test(name) && !reserved.has(name));
  return plain && names.length > 0 && text.length <= 50 ? text : 'args';
}

/** Field names that cannot be variables beside `job`. */
const reserved: ReadonlySet<string> = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface job let new null package private protected public ' +
    'return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);
