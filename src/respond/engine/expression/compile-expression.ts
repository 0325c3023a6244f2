import { ExpressionFailure, type Expression, type Scope } from '../expression.js';
import { Budget } from './budget.js';
import { CelFailure } from './cel-failure.js';
import type { Node } from './cel-node.js';
import { ANY } from './cel-type.js';
import { Timestamp, toJson, type CelValue } from './cel-value.js';
import { checkCel } from './check-cel.js';
import { evaluateCel, type Names } from './evaluate-cel.js';
import { parseCel } from './parse-cel.js';

/** The names from which every expression starts. */
export const ROOTS = ['context', 'event', 'params', 'input', 'now'] as const;
export type Root = (typeof ROOTS)[number];

const ROOTS_OF_ANY_TYPE = { context: ANY, event: ANY, params: ANY, input: ANY, now: { kind: 'timestamp' } } as const;

/**
 * Compiles the inside of `${ … }`. Whether members and types fit what stands there is not its question, but that of
 * `checkCel`: names of roots and functions, and operators on literals, are.
 * @throws ExpressionFailure where the text is no expression
 */
export function compileExpression(source: string): Expression {
  const node = failing(source, () => parseCel(source));
  const [problem] = checkCel(node, ROOTS_OF_ANY_TYPE).problems;
  if (problem) throw new ExpressionFailure(source, problem.message, { offset: problem.offset });
  return {
    source,
    evaluate: (scope) => failing(source, () => {
      const budget = new Budget();
      return toJson(evaluate(node, scope, budget), budget);
    }),
  };
}

/** @throws CelFailure */
function evaluate(node: Node, scope: Scope, budget: Budget): CelValue {
  return evaluateCel(node, namesOf(scope), budget);
}

function namesOf(scope: Scope): Names {
  return (name) => {
    switch (name) {
      case 'context':
      case 'event':
      case 'params':
      case 'input':
        return scope[name];
      case 'now':
        return scope.now && new Timestamp(scope.now.getTime());
      default:
        return undefined;
    }
  };
}

/** @throws ExpressionFailure in place of a failure that does not know the expression */
function failing<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CelFailure)) throw error;
    throw new ExpressionFailure(source, error.message, { cause: error, ...(error.offset === undefined ? {} : { offset: error.offset }) });
  }
}
