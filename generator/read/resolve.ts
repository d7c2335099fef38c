import { Node, type Symbol as TsSymbol, VariableDeclarationKind } from 'ts-morph';

/** An expression whose value cannot be known without running the manifest. */
export class NotStatic extends Error {
  readonly node: Node;

  constructor(node: Node) {
    super(`\`${excerpt(node)}\` cannot be known without running the manifest`);
    this.node = node;
  }
}

/** The expression's text on one line, cut to a readable length. */
export function excerpt(node: Node): string {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}

/**
 * Follows an expression through consts, imports, properties of const objects, `as const` and `satisfies`
 * to the literal, call or function that it stands for.
 *
 * @throws NotStatic
 */
export function resolve(expression: Node, seen: ReadonlySet<Node> = new Set()): Node {
  const node = unwrap(expression);
  if (seen.has(node)) throw new NotStatic(node);
  const deeper = new Set(seen).add(node);
  if (Node.isIdentifier(node)) {
    // Type declarations of the library call these variables; they are values of the language.
    if (['undefined', 'NaN', 'Infinity'].includes(node.getText())) return node;
    return resolveSymbol(node, node.getSymbol(), deeper);
  }
  if (Node.isPropertyAccessExpression(node)) {
    if (isEnumMember(node)) return node;
    return resolveProperty(node, node.getExpression(), node.getName(), deeper);
  }
  if (Node.isElementAccessExpression(node)) {
    const key = node.getArgumentExpression();
    const name = key && unwrap(key);
    if (Node.isStringLiteral(name)) {
      return resolveProperty(node, node.getExpression(), name.getLiteralValue(), deeper);
    }
    throw new NotStatic(node);
  }
  return node;
}

/** The expression without parentheses and type assertions. */
export function unwrap(node: Node): Node {
  return Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isTypeAssertion(node)
    ? unwrap(node.getExpression())
    : node;
}

/** The declaration behind a name, through imports and re-exports. */
export function declarationOf(symbol: TsSymbol | undefined): Node | undefined {
  const target = symbol?.getAliasedSymbol() ?? symbol;
  return target?.getValueDeclaration() ?? target?.getDeclarations()[0];
}

/** An object's property by name, later ones and later spreads first; undefined if it has none. */
export function propertyOf(object: Node, name: string, seen?: ReadonlySet<Node>): Node | undefined {
  if (!Node.isObjectLiteralExpression(object)) return undefined;
  for (const property of object.getProperties().reverse()) {
    if (Node.isSpreadAssignment(property)) {
      const spread = propertyOf(resolve(property.getExpression(), seen), name, seen);
      if (spread) return spread;
    } else if (property.getSymbol()?.getName() === name) {
      return propertyValue(property);
    }
  }
  return undefined;
}

/** What a property of an object literal is set to: an expression, or the property itself where it has a body. */
export function propertyValue(property: Node): Node {
  if (Node.isPropertyAssignment(property)) return property.getInitializerOrThrow();
  if (Node.isShorthandPropertyAssignment(property)) return property.getNameNode();
  return property;
}

function resolveSymbol(node: Node, symbol: TsSymbol | undefined, seen: ReadonlySet<Node>): Node {
  const parent = node.getParent();
  // The symbol of `{ name }` is the new property; what it takes its value from is another.
  const declaration = declarationOf(
    Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : symbol,
  );
  if (Node.isVariableDeclaration(declaration) && isConst(declaration)) {
    const value = declaration.getInitializer();
    if (value) return resolve(value, seen);
    // A compiled package's declaration file: only the type is there, and a literal type is the value.
    if (isLiteralType(declaration)) return declaration;
  }
  if (Node.isBindingElement(declaration) && isConst(declaration)) {
    const source = declaration.getParent().getParent();
    const object = Node.isVariableDeclaration(source) ? source.getInitializer() : undefined;
    const name = declaration.getPropertyNameNode()?.getText() ?? declaration.getName();
    if (object) return resolveProperty(node, object, name, seen);
  }
  if (Node.isExportAssignment(declaration)) return resolve(declaration.getExpression(), seen);
  throw new NotStatic(node);
}

function resolveProperty(node: Node, of: Node, name: string, seen: ReadonlySet<Node>): Node {
  const object = resolve(of, seen);
  const value = propertyOf(object, name, seen);
  if (value === undefined) throw new NotStatic(node);
  return resolve(value, seen);
}

function isConst(declaration: Node): boolean {
  const statement = declaration.getFirstAncestor(Node.isVariableStatement);
  return statement?.getDeclarationKind() === VariableDeclarationKind.Const;
}

function isLiteralType(node: Node): boolean {
  const type = node.getType();
  return type.isLiteral() && !type.isUnion();
}

function isEnumMember(node: Node): boolean {
  return Node.isEnumMember(declarationOf(node.getSymbol()));
}
