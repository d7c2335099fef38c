import { ts } from 'ts-morph';

/** The versions that an upcaster has steps from, as its file says; null where it cannot be read. */
export function upcastSteps(text: string): readonly number[] | null {
  const file = ts.createSourceFile('upcast.ts', text, ts.ScriptTarget.Latest);
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || name.text !== 'upcast' || initializer === undefined) continue;
      const value = ts.isSatisfiesExpression(initializer) ? initializer.expression : initializer;
      if (!ts.isObjectLiteralExpression(value)) return null;
      const names = value.properties.map((property) => property.name && nameOf(property.name));
      return names.every((step) => step !== undefined) ? names.map(Number) : null;
    }
  }
  return null;
}

function nameOf(name: ts.PropertyName): string | undefined {
  return ts.isNumericLiteral(name) || ts.isStringLiteral(name) ? name.text : undefined;
}
