import type { Budget } from './budget.js';
import { CelFailure } from './cel-failure.js';
import { overloadsOf } from './cel-functions.js';
import type { Call, Comprehension, Node } from './cel-node.js';
import { applyBinary } from './cel-operators.js';
import { isMap, kindOf, KINDS, safe, TypeName, type CelValue } from './cel-value.js';

/** Where names come from: the roots, and the variables of comprehensions around a node. */
export type Names = (name: string) => CelValue | undefined;

/** @throws CelFailure */
export function evaluateCel(node: Node, names: Names, budget: Budget): CelValue {
  return new Evaluation(budget).run(node, names);
}

class Evaluation {
  constructor(private readonly budget: Budget) {}

  run(node: Node, names: Names): CelValue {
    this.budget.spend(1);
    try {
      return this.visit(node, names);
    } catch (error) {
      if (error instanceof CelFailure && error.offset === undefined) throw new CelFailure(error.message, node.start);
      throw error;
    }
  }

  private visit(node: Node, names: Names): CelValue {
    switch (node.op) {
      case 'literal':
        return node.value;
      case 'name':
        return nameOf(node.name, names);
      case 'select':
        return this.member(this.run(node.of, names), node.key);
      case 'has':
        return Object.hasOwn(this.map(this.run(node.of, names), node.key), node.key);
      case 'index':
        return this.index(this.run(node.of, names), this.run(node.by, names));
      case 'list':
        return node.items.map((item) => this.run(item, names));
      case 'map':
        return Object.fromEntries(node.entries.map(([key, value]) => [this.key(key, names), this.run(value, names)]));
      case 'if':
        return this.run(this.truth(node.condition, names) ? node.then : node.otherwise, names);
      case 'and':
        return this.connect(node.left, node.right, names, false);
      case 'or':
        return this.connect(node.left, node.right, names, true);
      case 'not':
        return !this.truth(node.of, names);
      case 'negate':
        return negate(this.run(node.of, names));
      case 'binary':
        return applyBinary(node.operator, this.run(node.left, names), this.run(node.right, names), this.budget);
      case 'call':
        return this.call(node, names);
      case 'comprehension':
        return this.comprehend(node, names);
    }
  }

  private member(value: CelValue, key: string): CelValue {
    const member = Object.getOwnPropertyDescriptor(this.map(value, key), key)?.value as CelValue | undefined;
    if (member === undefined) throw new CelFailure(`there is no member '${key}'; ask has() first where it may be missing`);
    return member;
  }

  private map(value: CelValue, key: string): Readonly<Record<string, CelValue>> {
    if (!isMap(value)) throw new CelFailure(`${kindOf(value)} has no member '${key}'`);
    return value;
  }

  private index(value: CelValue, by: CelValue): CelValue {
    if (typeof by === 'string') return this.member(value, by);
    if (!Array.isArray(value) || (typeof by !== 'bigint' && !Number.isInteger(by))) throw new CelFailure(`${kindOf(value)} cannot be indexed by ${kindOf(by)}`);
    const item = value[Number(by)];
    if (item === undefined) throw new CelFailure(`there is no item ${String(by)} in a list of ${value.length}`);
    return item;
  }

  private key(node: Node, names: Names): string {
    const key = this.run(node, names);
    if (typeof key !== 'string') throw new CelFailure('keys of a map are strings, since it becomes JSON', node.start);
    return key;
  }

  private truth(node: Node, names: Names): boolean {
    const value = this.run(node, names);
    if (typeof value !== 'boolean') throw new CelFailure(`a condition gives true or false, not ${kindOf(value)}`, node.start);
    return value;
  }

  /** `&&` and `||` hold as soon as one side decides, even where the other fails (CEL, "Logical Operators"). */
  private connect(left: Node, right: Node, names: Names, decides: boolean): boolean {
    let failure: CelFailure | undefined;
    try {
      if (this.truth(left, names) === decides) return decides;
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error;
      failure = error;
    }
    if (this.truth(right, names) === decides) return decides;
    if (failure) throw failure;
    return !decides;
  }

  private call(node: Call, names: Names): CelValue {
    const args = [...(node.receiver ? [node.receiver] : []), ...node.args].map((arg) => this.run(arg, names));
    const kinds = args.map(kindOf);
    const fit = overloadsOf(node.name, node.receiver !== undefined).find(
      ({ takes }) => takes.length === kinds.length && takes.every((taken, index) => taken === 'any' || taken.some((kind) => kind === kinds[index])),
    );
    if (!fit) throw new CelFailure(`${node.name}() is not defined for ${kinds.join(', ') || 'nothing'}`);
    return fit.call(args, this.budget);
  }

  private comprehend(node: Comprehension, names: Names): CelValue {
    const range = this.run(node.of, names);
    if (!Array.isArray(range) && !isMap(range)) throw new CelFailure(`${node.macro}() is not defined for ${kindOf(range)}`);
    const items: readonly CelValue[] = Array.isArray(range) ? range : Object.keys(range);
    this.budget.spend(items.length);
    const bind = (item: CelValue): Names => (name) => (name === node.variable ? item : names(name));
    switch (node.macro) {
      case 'map':
        return items.filter((item) => node.filter === undefined || this.truth(node.filter, bind(item))).map((item) => this.run(node.body, bind(item)));
      case 'filter':
        return items.filter((item) => this.truth(node.body, bind(item)));
      case 'exists_one':
        return items.filter((item) => this.truth(node.body, bind(item))).length === 1;
      default:
        return this.quantify(items, node, bind);
    }
  }

  /** As a chain of `&&` (all) or `||` (exists). */
  private quantify(items: readonly CelValue[], node: Comprehension, bind: (item: CelValue) => Names): boolean {
    const decides = node.macro === 'exists';
    let failure: CelFailure | undefined;
    for (const item of items) {
      try {
        if (this.truth(node.body, bind(item)) === decides) return decides;
      } catch (error) {
        if (!(error instanceof CelFailure)) throw error;
        failure ??= error;
      }
    }
    if (failure) throw failure;
    return !decides;
  }
}

function nameOf(name: string, names: Names): CelValue {
  const value = names(name);
  if (value !== undefined) return value;
  const kind = KINDS.find((candidate) => TYPE_NAMES[candidate] === name);
  if (kind) return new TypeName(kind);
  throw new CelFailure(`'${name}' has no value here`);
}

/** The names by which an expression writes types, as in `type(x) == string`. */
export const TYPE_NAMES: Readonly<Record<(typeof KINDS)[number], string>> = {
  null: 'null_type', bool: 'bool', int: 'int', double: 'double', string: 'string', list: 'list', map: 'map', timestamp: 'timestamp', duration: 'duration', type: 'type',
};

function negate(value: CelValue): CelValue {
  if (typeof value === 'bigint') return safe(-value);
  if (typeof value === 'number') return -value;
  throw new CelFailure(`- is not defined for ${kindOf(value)}`);
}
