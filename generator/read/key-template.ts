import {
  type BindingElement,
  type ElementAccessExpression,
  Node,
  type PropertyAccessExpression,
  type Type,
} from 'ts-morph';
import { evaluate } from './evaluate.js';
import { builtInName } from './read-built-in.js';
import { excerpt, NotStatic, resolve, unwrap } from './resolve.js';

/** A key function that is no template of the args' fields. */
export class InvalidKey extends Error {
  readonly node: Node;

  constructor(node: Node, message: string) {
    super(message);
    this.node = node;
  }
}

/**
 * Compiles `` (a) => `receipt:${a.orderId}` `` to `receipt:{orderId}`; braces of the text itself are doubled. The function is
 * never called: the client, SQL and every other language evaluate the template over the stored args.
 *
 * @throws InvalidKey, NotStatic
 */
export function compileKey(expression: Node): string {
  const key = resolve(expression);
  if (!Node.isArrowFunction(key)) {
    throw new InvalidKey(
      key,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code in a message.
      'A key is an arrow function that gives a text of the args, such as (a) => `receipt:${a.orderId}`.',
    );
  }
  return textOf(bodyOf(key), parameterOf(key));
}

/** The parameter's own name, and the paths that its destructuring gives names to. */
interface Parameter {
  readonly name: string | null;
  readonly bound: ReadonlyMap<string, readonly string[]>;
}

function bodyOf(arrow: Node): Node {
  if (!Node.isArrowFunction(arrow)) return arrow;
  const body = arrow.getBody();
  if (!Node.isBlock(body)) return unwrap(body);
  const [statement, ...others] = body.getStatements();
  const result = Node.isReturnStatement(statement) ? statement.getExpression() : undefined;
  if (result === undefined || others.length > 0) throw notTemplate(body);
  return unwrap(result);
}

function parameterOf(arrow: Node): Parameter {
  const [parameter] = Node.isArrowFunction(arrow) ? arrow.getParameters() : [];
  const name = parameter?.getNameNode();
  if (Node.isIdentifier(name)) return { name: name.getText(), bound: new Map() };
  return { name: null, bound: new Map(name ? bindings(name, []) : []) };
}

function bindings(pattern: Node, path: readonly string[]): [string, readonly string[]][] {
  if (!Node.isObjectBindingPattern(pattern) || !hasFields(pattern.getType()))
    throw notTemplate(pattern);
  return pattern.getElements().flatMap((element): [string, readonly string[]][] => {
    // A default or a rest computes something that a template cannot.
    if (element.getInitializer() || element.getDotDotDotToken()) throw notTemplate(element);
    const name = element.getNameNode();
    const deeper = [...path, fieldOf(element)];
    return Node.isIdentifier(name) ? [[name.getText(), deeper]] : bindings(name, deeper);
  });
}

function fieldOf(element: BindingElement): string {
  const field = element.getPropertyNameNode();
  if (field === undefined || Node.isIdentifier(field)) return (field ?? element).getText();
  if (Node.isStringLiteral(field)) return field.getLiteralValue();
  throw notTemplate(element);
}

function textOf(node: Node, parameter: Parameter): string {
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) {
    return literal(node.getLiteralValue());
  }
  if (!Node.isTemplateExpression(node)) return partOf(node, parameter);
  return node
    .getTemplateSpans()
    .reduce(
      (text, span) =>
        text +
        partOf(unwrap(span.getExpression()), parameter) +
        literal(span.getLiteral().getLiteralText()),
      literal(node.getHead().getLiteralText()),
    );
}

function literal(text: string): string {
  return text.replace(/[{}]/g, '$&$&');
}

/** One `${…}`: a field of the args, or a const. */
function partOf(node: Node, parameter: Parameter): string {
  const path = pathOf(node, parameter);
  if (path === null) return literal(constantOf(node));
  checkField(node);
  const unsayable = path.find((field) => /[.{}]/.test(field));
  if (unsayable !== undefined) {
    throw new InvalidKey(node, `A field named ${JSON.stringify(unsayable)} cannot stand in a key.`);
  }
  return `{${path.join('.')}}`;
}

/** The fields that lead from the args to this expression; null if it has nothing to do with them. */
function pathOf(node: Node, parameter: Parameter): readonly string[] | null {
  if (Node.isIdentifier(node)) {
    const name = node.getText();
    return name === parameter.name ? [] : (parameter.bound.get(name) ?? null);
  }
  if (Node.isPropertyAccessExpression(node) && !node.hasQuestionDotToken()) {
    const base = baseOf(node, parameter);
    return base && [...base, node.getName()];
  }
  if (Node.isElementAccessExpression(node) && !node.hasQuestionDotToken()) {
    const field = node.getArgumentExpression();
    const base = baseOf(node, parameter);
    return base && Node.isStringLiteral(field) ? [...base, field.getLiteralValue()] : null;
  }
  return null;
}

function baseOf(
  node: PropertyAccessExpression | ElementAccessExpression,
  parameter: Parameter,
): readonly string[] | null {
  const base = unwrap(node.getExpression());
  return hasFields(base.getType()) ? pathOf(base, parameter) : null;
}

/** Not the length of a list or a text, the size of a Set or the host of a URL, which no row has. */
function hasFields(type: Type): boolean {
  if (type.isUnion()) return type.getUnionTypes().every(hasFields);
  if (type.isIntersection()) return type.getIntersectionTypes().every(hasFields);
  const isText = type.isString() || type.isStringLiteral() || type.isTemplateLiteral();
  const isList = type.isArray() || type.isReadonlyArray() || type.isTuple();
  return !isText && !isList && builtInName(type) === null;
}

function constantOf(node: Node): string {
  try {
    const found = evaluate(node);
    if (found.kind === 'value' && found.value !== undefined) return String(found.value);
  } catch (error) {
    if (!(error instanceof NotStatic)) throw error;
  }
  throw notTemplate(node);
}

function checkField(node: Node): void {
  const type = node.getType();
  const members = type.isUnion() ? type.getUnionTypes() : [type];
  if (members.every(isKeyable)) return;
  throw new InvalidKey(
    node,
    `\`${excerpt(node)}\` is ${type.getText(node)}: only a string, number, boolean or bigint that is never missing or null makes a key.`,
  );
}

function isKeyable(type: Type): boolean {
  const parts = type.isIntersection() ? type.getIntersectionTypes() : [type];
  return parts.some(
    (part) =>
      part.isString() ||
      part.isStringLiteral() ||
      part.isTemplateLiteral() ||
      part.isNumber() ||
      part.isNumberLiteral() ||
      part.isBoolean() ||
      part.isBooleanLiteral() ||
      part.isBigInt() ||
      part.isBigIntLiteral(),
  );
}

function notTemplate(node: Node): InvalidKey {
  return new InvalidKey(
    node,
    `A key is a text of args' fields: \`${excerpt(node)}\` cannot be computed in SQL. Add a field for it, or pass { key } where you enqueue.`,
  );
}
