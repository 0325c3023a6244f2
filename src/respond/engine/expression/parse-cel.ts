import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { CelFailure } from './cel-failure.js';
import { BINARY_OPERATORS, MACROS, type BinaryOperator, type Macro, type Node } from './cel-node.js';
import { safe } from './cel-value.js';

/** Characters of one expression. */
export const MAX_EXPRESSION = 4_000;
const MAX_DEPTH = 100;

const environment = new Environment({ limits: { maxAstNodes: 2_000, maxDepth: MAX_DEPTH, maxListElements: 500, maxMapEntries: 500, maxCallArguments: 8 } });

/**
 * Reads CEL into a tree of ours. Types of CEL that JSON does not have (bytes, unsigned integers) are refused.
 * @throws CelFailure with the offset at fault
 */
export function parseCel(text: string): Node {
  if (text.length > MAX_EXPRESSION) throw new CelFailure(`the expression has ${text.length} characters; the limit is ${MAX_EXPRESSION}`);
  if (text.trim() === '') throw new CelFailure('the expression is empty', 0);
  let ast: ASTNode;
  try {
    ast = environment.parse(text).ast;
  } catch (error) {
    if (error instanceof ParseError) throw new CelFailure(error.summary, error.range?.start);
    throw error;
  }
  return convert(ast, 0);
}

function convert(ast: ASTNode, depth: number): Node {
  const { start } = ast;
  if (depth > MAX_DEPTH) throw new CelFailure(`the expression is nested deeper than ${MAX_DEPTH} levels`, start);
  const inner = (node: ASTNode): Node => convert(node, depth + 1);
  switch (ast.op) {
    case 'value':
      return { op: 'literal', start, value: literal(ast.args, start) };
    case 'id':
      return { op: 'name', start, name: ast.args };
    case '.':
      return { op: 'select', start, of: inner(ast.args[0]), key: ast.args[1] };
    case '[]':
      return { op: 'index', start, of: inner(ast.args[0]), by: inner(ast.args[1]) };
    case 'list':
      return { op: 'list', start, items: ast.args.map(inner) };
    case 'map':
      return { op: 'map', start, entries: ast.args.map(([key, value]) => [inner(key), inner(value)] as const) };
    case '?:':
      return { op: 'if', start, condition: inner(ast.args[0]), then: inner(ast.args[1]), otherwise: inner(ast.args[2]) };
    case '&&':
      return { op: 'and', start, left: inner(ast.args[0]), right: inner(ast.args[1]) };
    case '||':
      return { op: 'or', start, left: inner(ast.args[0]), right: inner(ast.args[1]) };
    case '!_':
      return { op: 'not', start, of: inner(ast.args) };
    case '-_':
      return { op: 'negate', start, of: inner(ast.args) };
    case 'call':
      return call(start, ast.args[0], undefined, ast.args[1].map(inner));
    case 'rcall':
      return call(start, ast.args[0], inner(ast.args[1]), ast.args[2].map(inner));
    default:
      if (!isBinary(ast.op)) throw new CelFailure(`the operator ${ast.op} is not part of the format`, start);
      return binary(ast.op, start, ast.args as readonly [ASTNode, ASTNode], inner);
  }
}

function binary(operator: BinaryOperator, start: number, [left, right]: readonly [ASTNode, ASTNode], inner: (node: ASTNode) => Node): Node {
  return { op: 'binary', start, operator, left: inner(left), right: inner(right) };
}

function isBinary(op: string): op is BinaryOperator {
  return (BINARY_OPERATORS as readonly string[]).includes(op);
}

function literal(value: unknown, start: number): null | boolean | bigint | number | string {
  if (typeof value === 'bigint') return safe(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  throw new CelFailure('bytes and unsigned integers are not part of the format, since JSON has neither', start);
}

function call(start: number, name: string, receiver: Node | undefined, args: readonly Node[]): Node {
  if (name === 'has' && receiver === undefined) {
    const [of] = args;
    if (args.length !== 1 || of?.op !== 'select') throw new CelFailure('has() takes one member, as in has(context.account)', start);
    return { op: 'has', start, of: of.of, key: of.key };
  }
  if (receiver !== undefined && isMacro(name)) return comprehension(start, name, receiver, args);
  return { op: 'call', start, name, receiver, args };
}

function isMacro(name: string): name is Macro {
  return (MACROS as readonly string[]).includes(name);
}

function comprehension(start: number, macro: Macro, of: Node, args: readonly Node[]): Node {
  const [variable, first, second] = args;
  if (variable?.op !== 'name' || first === undefined || args.length > (macro === 'map' ? 3 : 2)) {
    throw new CelFailure(`${macro}() takes a name and an expression, as in list.${macro}(item, …)`, start);
  }
  return { op: 'comprehension', start, macro, of, variable: variable.name, filter: second && first, body: second ?? first };
}
