import { refuse } from './rule-findings.js';
import type { RuleNode } from './rule-document.js';

/** A condition as written, names not yet resolved. */
export type Condition =
  | { readonly kind: 'selection'; readonly name: string }
  /** `any` is `1 of` and `any of`; the pattern is `them` or a name with `*`. */
  | { readonly kind: 'selector'; readonly quantity: 'any' | 'all'; readonly pattern: string }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] };

type At = Pick<RuleNode, 'line'>;

const MAX_DEPTH = 100;
const OPERATORS = ['not', 'and', 'or', 'of'];

/** Parses one condition: `not` binds before `and`, `and` before `or`. */
export function parseCondition(source: string, at: At): Condition {
  return new ConditionParser(source, at).parse();
}

/** Writes a condition so that {@link parseCondition} reads the same tree. */
export function printCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'selection': return condition.name;
    case 'selector': return `${condition.quantity} of ${condition.pattern}`;
    case 'not': return `not ${printOperand(condition.operand)}`;
    default: return condition.operands.map(printOperand).join(` ${condition.kind} `);
  }
}

function printOperand(condition: Condition): string {
  return condition.kind === 'and' || condition.kind === 'or' ? `(${printCondition(condition)})` : printCondition(condition);
}

class ConditionParser {
  private readonly tokens: readonly string[];
  private position = 0;
  private depth = 0;

  constructor(source: string, private readonly at: At) {
    this.tokens = source.match(/[()]|[^\s()]+/g) ?? [];
  }

  parse(): Condition {
    if (this.tokens.length === 0) this.fail('it is empty');
    const condition = this.or();
    const rest = this.tokens[this.position];
    if (rest !== undefined) this.checkCase(rest);
    if (rest !== undefined) this.fail(rest === ')' ? 'a parenthesis is closed that was not opened' : `'${rest}' stands where and, or, or the end is expected`);
    return condition;
  }

  private or(): Condition {
    return this.chain('or', () => this.chain('and', () => this.not()));
  }

  private chain(kind: 'and' | 'or', operand: () => Condition): Condition {
    const first = operand();
    const operands = [first];
    while (this.tokens[this.position] === kind) {
      this.position++;
      operands.push(operand());
    }
    return operands.length === 1 ? first : { kind, operands };
  }

  private not(): Condition {
    if (++this.depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
    const condition = this.primary();
    this.depth--;
    return condition;
  }

  private primary(): Condition {
    const token = this.tokens[this.position++];
    const next = this.tokens[this.position];
    if (token === undefined) this.fail('a selection is missing at the end');
    if (token === 'not') return { kind: 'not', operand: this.not() };
    if (token === '(') {
      const inner = this.or();
      if (this.tokens[this.position++] !== ')') this.fail('a parenthesis is not closed');
      return inner;
    }
    if (next === 'of') return this.selector(token);
    if (token === ')' || OPERATORS.includes(token)) this.fail(`'${token}' stands where a selection is expected`);
    this.checkCase(token);
    return { kind: 'selection', name: token };
  }

  private selector(quantity: string): Condition {
    this.position++;
    const pattern = this.tokens[this.position++];
    if (quantity !== '1' && quantity !== 'any' && quantity !== 'all') this.fail(`'${quantity} of' is not known; write '1 of', 'any of' or 'all of'`);
    if (pattern === undefined || pattern === '(' || pattern === ')') this.fail(`a name, a pattern or them is missing behind '${quantity} of'`);
    return { kind: 'selector', quantity: quantity === 'all' ? 'all' : 'any', pattern };
  }

  private checkCase(token: string): void {
    const lower = token.toLowerCase();
    if (token !== lower && OPERATORS.includes(lower)) this.fail(`'${token}' must be written '${lower}'`);
  }

  private fail(reason: string): never {
    refuse('rules.condition_syntax', `condition '${this.tokens.join(' ')}': ${reason}`, this.at);
  }
}
