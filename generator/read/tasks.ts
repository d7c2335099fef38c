import { Node, type SourceFile, type Type } from 'ts-morph';
import type { ErrorName } from '../../runtime/errors.js';
import { nameProblem } from '../names.js';
import { keyOf } from './evaluate.js';
import { declarationOf, excerpt, NotStatic, propertyValue, resolve } from './resolve.js';

/** A task as it stands in the source. */
export interface DeclaredTask {
  readonly name: string;
  /** Its name in the manifest, where findings about the task itself are placed. */
  readonly nameNode: Node;
  /** The property that holds it, for its doc comment. */
  readonly property: Node;
  /** The call of `task`. */
  readonly call: Node;
  readonly type: Type;
  readonly options: Node | undefined;
}

export interface DeclaredTasks {
  readonly tasks: readonly DeclaredTask[];
  readonly groups: readonly string[];
  /** What `defineTasks` is given beside the tasks. */
  readonly options: Node | undefined;
  /** Files that hold a part of the manifest. */
  readonly files: ReadonlySet<SourceFile>;
}

export type Report = (
  name: ErrorName,
  node: Node,
  message: string,
  other?: { readonly node: Node; readonly message: string },
) => void;

/** Finds every task of the manifest's default export, in its order. */
export function findTasks(manifest: SourceFile, report: Report): DeclaredTasks {
  const walk: Walk = { tasks: [], groups: [], files: new Set([manifest]), report };
  const [root, options] = attempt(report, () => findRoot(manifest, report)) ?? [];
  if (root) walkLevel(root, '', walk, new Map());
  return { ...walk, options };
}

interface Walk {
  readonly tasks: DeclaredTask[];
  readonly groups: string[];
  readonly files: Set<SourceFile>;
  readonly report: Report;
}

/** What `defineTasks` is called with. */
function findRoot(manifest: SourceFile, report: Report): readonly Node[] {
  const symbol = manifest.getDefaultExportSymbol();
  const declaration = declarationOf(symbol);
  const exported = Node.isExportAssignment(declaration)
    ? resolve(declaration.getExpression())
    : Node.isVariableDeclaration(declaration)
      ? declaration.getInitializer() && resolve(declaration.getInitializerOrThrow())
      : undefined;
  if (!isCallOf(exported, 'defineTasks')) {
    report(
      'InvalidManifest',
      exported ?? declaration ?? manifest,
      'A manifest has `export default defineTasks({ … })` with `defineTasks` of pgsched.',
    );
    return [];
  }
  return Node.isCallExpression(exported) ? exported.getArguments() : [];
}

type Names = Map<string, Node>;

function walkLevel(expression: Node, path: string, walk: Walk, names: Names): void {
  const { report } = walk;
  const level = attempt(report, () => resolve(expression));
  if (!level) return;
  if (!Node.isObjectLiteralExpression(level)) {
    report('InvalidManifest', expression, notGroup(expression));
    return;
  }
  walk.files.add(level.getSourceFile());
  for (const property of level.getProperties()) {
    if (Node.isSpreadAssignment(property)) {
      walkLevel(property.getExpression(), path, walk, names);
    } else {
      attempt(report, () => walkProperty(property, path, walk, names));
    }
  }
}

function walkProperty(property: Node, path: string, walk: Walk, names: Names): void {
  const { report } = walk;
  if (!Node.isPropertyNamed(property) && !Node.isShorthandPropertyAssignment(property)) {
    report('InvalidManifest', property, notGroup(property));
    return;
  }
  const nameNode = property.getNameNode();
  const segment = Node.isShorthandPropertyAssignment(property)
    ? property.getName()
    : keyOf(nameNode);
  const problem = nameProblem(segment, path === '');
  if (problem !== null) report('InvalidTaskName', nameNode, problem);
  const name = path === '' ? segment : `${path}.${segment}`;
  const earlier = names.get(segment);
  if (earlier) {
    report('DuplicateTaskName', nameNode, `\`${name}\` is declared twice.`, {
      node: earlier,
      message: 'the other one',
    });
    return;
  }
  names.set(segment, nameNode);
  const value = propertyValue(property);
  const node = resolve(value);
  if (isCallOf(node, 'task')) {
    addTask(node, name, nameNode, property, walk);
  } else if (Node.isObjectLiteralExpression(node)) {
    walk.groups.push(name);
    walkLevel(node, name, walk, new Map());
  } else {
    report('InvalidManifest', value, notGroup(value));
  }
}

function addTask(node: Node, name: string, nameNode: Node, property: Node, walk: Walk): void {
  if (!Node.isCallExpression(node)) return;
  walk.files.add(node.getSourceFile());
  const [options] = node.getArguments();
  walk.tasks.push({ name, nameNode, property, call: node, type: node.getType(), options });
}

/** Whether a node calls that function of pgsched, under whatever name it was imported. */
function isCallOf(node: Node | undefined, name: string): boolean {
  if (!Node.isCallExpression(node)) return false;
  const declaration = declarationOf(node.getExpression().getSymbol());
  return (
    Node.isFunctionDeclaration(declaration) &&
    declaration.getName() === name &&
    /\/runtime\/task\.(d\.)?ts$/.test(declaration.getSourceFile().getFilePath())
  );
}

function notGroup(node: Node): string {
  const isFunction =
    Node.isArrowFunction(node) || Node.isFunctionExpression(node) || Node.isMethodDeclaration(node);
  const advice = isFunction
    ? ' Declare `task()` here; the function goes into the handler file that `generate` writes for it.'
    : '';
  return `A manifest holds \`task(…)\` and groups of them, written as objects: \`${excerpt(node)}\` is neither.${advice}`;
}

function attempt<T>(report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotStatic)) throw error;
    report(
      'NotStatic',
      error.node,
      `Tasks must be known without running the manifest: write them as objects and consts. \`${excerpt(error.node)}\` is neither.`,
    );
    return undefined;
  }
}
