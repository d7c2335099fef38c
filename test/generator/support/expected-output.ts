import ts from 'typescript';
import type { Generated } from '../../../generator/index.js';
import { fileName, typeName } from '../../../generator/names.js';
import type { Fixture } from './fixture.js';
import { planted } from './random-text.js';

/** Throws where a generated file declares or says anything else than the contract's tasks need. */
export function checkOutput({ contract, files, stubs }: Generated, fixture: Fixture): void {
  const names = Object.keys(contract?.tasks ?? {});
  const parsed = new Map(
    [...files, ...stubs]
      .filter(([path]) => path.endsWith('.ts'))
      .map(([path, text]) => [path.slice(fixture.root.length + 1), parse(path, text)]),
  );
  for (const [path, file] of parsed) checkTexts(path, file);
  const statements = (path: string) => [...(parsed.get(`src/jobs/${path}.ts`)?.statements ?? [])];

  const json = files.get(fixture.path('src/jobs/generated/contract.json')) ?? '';
  same('contract.json', `${JSON.stringify(sorted(JSON.parse(json)), null, 2)}\n`, json);
  const [, constant, ...more] = statements('generated/contract');
  same('the statements of contract.ts', more.length, 0);
  same('contract.ts', sorted(literalValue(constant)), sorted(contract));

  checkClient(statements('generated/client'), names);
  same(
    'handlers.ts',
    declared(statements('generated/handlers')),
    ['Context', 'Handlers', ...names.map((name) => `${typeName(name)}Handler`)].sort(),
  );
  same('handlers/index.ts', declared(statements('handlers/index')), ['createWorker', 'handlers']);
  same('testing.ts', declared(statements('generated/testing')), ['createTesting']);
  for (const name of names) {
    same(`the stub of ${name}`, declared(statements(`handlers/${fileName(name)}`)), ['handler']);
  }
}

const own = [
  'Call',
  'CallGroups',
  'Client',
  'Enqueue',
  'EnqueueGroups',
  'Manifest',
  'Tasks',
  'createClient',
];

/** Every task has its types; every other declaration is a group's, or is named after a task's own type. */
function checkClient(statements: readonly ts.Statement[], tasks: readonly string[]): void {
  const found = declared(statements);
  const wanted = [
    ...own,
    ...tasks.flatMap((name) => [`${typeName(name)}Args`, `${typeName(name)}Result`]),
  ];
  same(
    'what client.ts lacks',
    wanted.filter((name) => !found.includes(name)),
    [],
  );
  const groups = tasks.flatMap((name) =>
    name.split('.').map((_, at, all) => all.slice(0, at).join('.')),
  );
  const stems = [
    ...tasks.map(typeName),
    ...groups.flatMap((path) => [`Enqueue${typeName(path)}`, `Call${typeName(path)}`]),
  ];
  same(
    'what client.ts has no reason for',
    found.filter((name) => !wanted.includes(name) && !stems.some((stem) => name.startsWith(stem))),
    [],
  );
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}

/** No text of a doc comment may have become code. */
function checkTexts(path: string, node: ts.Node): void {
  const isLeaf =
    ts.isIdentifier(node) || ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node);
  if (isLeaf && node.text.includes(planted)) throw new Error(`A comment leaks into ${path}.`);
  ts.forEachChild(node, (child) => checkTexts(path, child));
}

/** The names that statements declare, sorted; another kind of statement than generated code has is an error. */
function declared(statements: readonly ts.Statement[]): string[] {
  return statements
    .flatMap((statement) => {
      if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) return [];
      if (ts.isVariableStatement(statement)) {
        return statement.declarationList.declarations.map(({ name }) => name.getText());
      }
      const isNamed =
        ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement) ||
        ts.isFunctionDeclaration(statement);
      if (!isNamed) throw new Error(`An unexpected statement: ${statement.getText()}`);
      return [statement.name?.getText() ?? ''];
    })
    .sort();
}

/** What the literal of an exported const says. */
export function literalValue(node: ts.Node | undefined): unknown {
  if (node === undefined) return undefined;
  if (ts.isVariableStatement(node))
    return literalValue(node.declarationList.declarations[0]?.initializer);
  if (ts.isAsExpression(node)) return literalValue(node.expression);
  if (ts.isStringLiteral(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node)) return -(literalValue(node.operand) as number);
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(literalValue);
  if (ts.isObjectLiteralExpression(node)) {
    return Object.fromEntries(
      node.properties.map((property) => [nameOf(property.name), literalValue(property)]),
    );
  }
  if (ts.isPropertyAssignment(node)) return literalValue(node.initializer);
  const words: Record<string, unknown> = { true: true, false: false, null: null };
  const text = node.getText();
  if (!(text in words)) throw new Error(`No literal: ${text}`);
  return words[text];
}

/** A property's name as text. */
export function nameOf(name: ts.PropertyName | undefined): string {
  if (name && ts.isComputedPropertyName(name)) return String(literalValue(name.expression));
  return name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : '';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function same(what: string, found: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: ${one} instead of ${other}`);
}
