import { Node, SyntaxKind } from 'ts-morph';
import { declarationOf, NotStatic, propertyValue, resolve } from './resolve.js';

/** A value that is known without running the code, with the node that says it. */
export type Static =
  | { readonly kind: 'value'; readonly value: Scalar; readonly node: Node }
  | { readonly kind: 'array'; readonly items: readonly Static[]; readonly node: Node }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Static>; readonly node: Node };

type Scalar = string | number | boolean | null | undefined;

/**
 * The value of an expression: literals, consts, properties of const objects, spreads, arithmetic, templates, enum members.
 * `node` stays the expression that was written, so that a problem with the value shows where it is used.
 *
 * @throws NotStatic
 */
export function evaluate(expression: Node): Static {
  const node = resolve(expression);
  if (Node.isObjectLiteralExpression(node)) return { ...evaluateObject(node), node: expression };
  if (Node.isArrayLiteralExpression(node)) {
    return { kind: 'array', items: node.getElements().flatMap(evaluateElement), node: expression };
  }
  return { kind: 'value', value: scalar(node), node: expression };
}

/** An object literal's properties, spreads taken in, each with its name's place and its value unevaluated. */
export function fieldsOf(object: Node): Map<string, { readonly name: Node; readonly value: Node }> {
  const node = resolve(object);
  if (!Node.isObjectLiteralExpression(node)) throw new NotStatic(node);
  const fields = new Map<string, { name: Node; value: Node }>();
  for (const property of node.getProperties()) {
    if (Node.isSpreadAssignment(property)) {
      for (const [name, field] of fieldsOf(property.getExpression())) fields.set(name, field);
    } else {
      const name = property.getNameNode();
      fields.set(keyOf(name), { name, value: propertyValue(property) });
    }
  }
  return fields;
}

/** The text of a property's name; a computed one must be static. */
export function keyOf(name: Node): string {
  if (Node.isComputedPropertyName(name)) {
    return String(scalar(resolve(name.getExpression())));
  }
  return Node.isStringLiteral(name) || Node.isNoSubstitutionTemplateLiteral(name)
    ? name.getLiteralValue()
    : name.getText();
}

function evaluateObject(node: Node): Omit<Extract<Static, { kind: 'object' }>, 'node'> {
  const fields = new Map<string, Static>();
  for (const [name, { value }] of fieldsOf(node)) fields.set(name, evaluate(value));
  return { kind: 'object', fields };
}

function evaluateElement(element: Node): readonly Static[] {
  if (!Node.isSpreadElement(element)) return [evaluate(element)];
  const spread = evaluate(element.getExpression());
  if (spread.kind !== 'array') throw new NotStatic(element);
  return spread.items;
}

function scalar(node: Node): Scalar {
  if (
    Node.isStringLiteral(node) ||
    Node.isNoSubstitutionTemplateLiteral(node) ||
    Node.isNumericLiteral(node) ||
    Node.isTrueLiteral(node) ||
    Node.isFalseLiteral(node)
  ) {
    return node.getLiteralValue();
  }
  if (Node.isNullLiteral(node)) return null;
  if (Node.isIdentifier(node)) return globals.get(node.getText());
  if (Node.isTemplateExpression(node)) {
    return node
      .getTemplateSpans()
      .reduce(
        (text, span) =>
          text + String(operand(span.getExpression())) + span.getLiteral().getLiteralText(),
        node.getHead().getLiteralText(),
      );
  }
  if (Node.isPrefixUnaryExpression(node)) return prefix(node.getOperatorToken(), node);
  if (Node.isBinaryExpression(node)) return binary(node);
  if (Node.isPropertyAccessExpression(node)) {
    const member = declarationOf(node.getSymbol());
    if (Node.isEnumMember(member)) return member.getValue();
  }
  if (Node.isVariableDeclaration(node)) return literalOfType(node);
  throw new NotStatic(node);
}

const globals: ReadonlyMap<string, Scalar> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
]);

function operand(node: Node): Scalar {
  return scalar(resolve(node));
}

function prefix(operator: SyntaxKind, node: Node): Scalar {
  const value = operand(node.asKindOrThrow(SyntaxKind.PrefixUnaryExpression).getOperand());
  if (operator === SyntaxKind.ExclamationToken) return !value;
  if (typeof value === 'number' && operator === SyntaxKind.MinusToken) return -value;
  if (typeof value === 'number' && operator === SyntaxKind.PlusToken) return value;
  throw new NotStatic(node);
}

function binary(node: Node): Scalar {
  const expression = node.asKindOrThrow(SyntaxKind.BinaryExpression);
  const operator = expression.getOperatorToken().getKind();
  const apply = arithmetic.get(operator);
  if (!apply && operator !== SyntaxKind.PlusToken) throw new NotStatic(node);
  const left = operand(expression.getLeft());
  const right = operand(expression.getRight());
  if (typeof left === 'number' && typeof right === 'number') {
    return apply ? apply(left, right) : left + right;
  }
  if (!apply && (typeof left === 'string' || typeof right === 'string')) {
    return `${left}${right}`;
  }
  throw new NotStatic(node);
}

const arithmetic: ReadonlyMap<SyntaxKind, (left: number, right: number) => number> = new Map([
  [SyntaxKind.MinusToken, (left, right) => left - right],
  [SyntaxKind.AsteriskToken, (left, right) => left * right],
  [SyntaxKind.SlashToken, (left, right) => left / right],
  [SyntaxKind.PercentToken, (left, right) => left % right],
  [SyntaxKind.AsteriskAsteriskToken, (left, right) => left ** right],
]);

function literalOfType(node: Node): Scalar {
  const type = node.getType();
  if (type.isBooleanLiteral()) return type.getText() === 'true';
  const value = type.getLiteralValue();
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new NotStatic(node);
}
