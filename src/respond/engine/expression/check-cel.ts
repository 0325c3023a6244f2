import { closest } from '../closest.js';
import { CelFailure } from './cel-failure.js';
import { FUNCTION_NAMES, overloadsOf } from './cel-functions.js';
import type { Binary, Call, Comprehension, Node } from './cel-node.js';
import { resultKind } from './cel-operators.js';
import { ANY, ANY_MAP, describeType, membersOf, unite, type CelType } from './cel-type.js';
import { KINDS, type Kind } from './cel-value.js';
import { TYPE_NAMES } from './evaluate-cel.js';
import { compileLinearRegex } from './linear-regex.js';

/** Types by name: the roots that apply where the expression stands, and variables of comprehensions. */
export type TypesOf = Readonly<Record<string, CelType>>;

/** What is surely wrong with an expression, before any value is known. */
export interface CelProblem {
  readonly kind: 'name' | 'member' | 'function' | 'type';
  readonly message: string;
  /** 0-based offset into the expression. */
  readonly offset: number;
}

const BOOL: CelType = { kind: 'bool' };

/**
 * The type of an expression, and what is wrong with it. Only what fails for every value that the types allow is a problem;
 * what may fail for some (a null, an optional member) is left to the evaluation.
 */
export function checkCel(node: Node, roots: TypesOf): { readonly type: CelType; readonly problems: readonly CelProblem[] } {
  const checker = new Checker();
  return { type: checker.typeOf(node, roots), problems: checker.problems };
}

class Checker {
  readonly problems: CelProblem[] = [];

  typeOf(node: Node, names: TypesOf): CelType {
    switch (node.op) {
      case 'literal':
        return literalType(node.value);
      case 'name':
        return this.name(node.name, node.start, names);
      case 'select':
        return this.member(this.typeOf(node.of, names), node.key, node.start);
      case 'has':
        this.member(this.typeOf(node.of, names), node.key, node.start);
        return BOOL;
      case 'index':
        return this.index(node, names);
      case 'list':
        return { kind: 'list', items: unite(node.items.map((item) => this.typeOf(item, names))) };
      case 'map':
        return this.map(node, names);
      case 'if':
        this.condition(node.condition, names);
        return unite([this.typeOf(node.then, names), this.typeOf(node.otherwise, names)]);
      case 'and':
      case 'or':
        this.condition(node.left, names);
        this.condition(node.right, names);
        return BOOL;
      case 'not':
        this.condition(node.of, names);
        return BOOL;
      case 'negate':
        return this.negate(node.of, names);
      case 'binary':
        return this.binary(node, names);
      case 'call':
        return this.call(node, names);
      case 'comprehension':
        return this.comprehension(node, names);
    }
  }

  private problem(kind: CelProblem['kind'], message: string, offset: number): CelType {
    this.problems.push({ kind, message, offset });
    return ANY;
  }

  private name(name: string, offset: number, names: TypesOf): CelType {
    if (Object.hasOwn(names, name)) return names[name] ?? ANY;
    if (KINDS.some((kind) => TYPE_NAMES[kind] === name)) return { kind: 'type' };
    const known = Object.keys(names);
    return this.problem('name', `'${name}' is not known here${closest(name, known)}; known are ${known.join(', ') || 'no names'}`, offset);
  }

  private member(of: CelType, key: string, offset: number): CelType {
    const members = membersOf(of);
    if (members.some(({ kind }) => kind === 'any')) return ANY;
    const maps = members.filter((member) => member.kind === 'map');
    if (maps.length === 0) return this.problem('type', `${describeType(of)} has no member '${key}'`, offset);
    const found = maps.flatMap((map) => (Object.hasOwn(map.properties, key) ? [map.properties[key] ?? ANY] : map.additional ? [map.additional] : []));
    if (found.length > 0) return unite(found);
    const known = maps.flatMap((map) => Object.keys(map.properties));
    return this.problem('member', `there is no member '${key}'${closest(key, known)}; known are ${known.join(', ') || 'none'}`, offset);
  }

  private index(node: Extract<Node, { op: 'index' }>, names: TypesOf): CelType {
    const of = this.typeOf(node.of, names);
    const by = this.typeOf(node.by, names);
    if (node.by.op === 'literal' && typeof node.by.value === 'string') return this.member(of, node.by.value, node.start);
    const members = membersOf(of);
    const fits = members.flatMap((member) => {
      if (member.kind === 'any') return [ANY];
      if (member.kind === 'list') return couldBe(by, ['int', 'double']) ? [member.items] : [];
      if (member.kind === 'map') return couldBe(by, ['string']) ? [...Object.values(member.properties), ...(member.additional ? [member.additional] : [])] : [];
      return [];
    });
    return fits.length > 0 || members.some(({ kind }) => kind === 'map') ? unite(fits) : this.problem('type', `${describeType(of)} cannot be indexed by ${describeType(by)}`, node.start);
  }

  private map(node: Extract<Node, { op: 'map' }>, names: TypesOf): CelType {
    const properties: Record<string, CelType> = {};
    let open = false;
    for (const [key, value] of node.entries) {
      const keyType = this.typeOf(key, names);
      if (!couldBe(keyType, ['string'])) this.problem('type', 'keys of a map are strings, since it becomes JSON', key.start);
      const type = this.typeOf(value, names);
      if (key.op === 'literal' && typeof key.value === 'string') Object.defineProperty(properties, key.value, { value: type, enumerable: true, configurable: true });
      else open = true;
    }
    return open ? ANY_MAP : { kind: 'map', properties, additional: undefined };
  }

  private condition(node: Node, names: TypesOf): void {
    const type = this.typeOf(node, names);
    if (!couldBe(type, ['bool'])) this.problem('type', `a condition gives true or false, not ${describeType(type)}`, node.start);
  }

  private negate(of: Node, names: TypesOf): CelType {
    const type = this.typeOf(of, names);
    if (!couldBe(type, ['int', 'double'])) return this.problem('type', `- is not defined for ${describeType(type)}`, of.start);
    return unite(membersOf(type).filter(({ kind }) => kind === 'int' || kind === 'double' || kind === 'any'));
  }

  private binary(node: Binary, names: TypesOf): CelType {
    const left = this.typeOf(node.left, names);
    const right = this.typeOf(node.right, names);
    if (node.operator === '==' || node.operator === '!=') return this.equality(node, left, right);
    const lefts = membersOf(left);
    const rights = membersOf(right);
    if ([...lefts, ...rights].some(({ kind }) => kind === 'any')) return operatorAlwaysBool(node.operator) ? BOOL : ANY;
    const results = lefts.flatMap((a) => rights.flatMap((b) => resultKind(node.operator, a.kind as Kind, b.kind as Kind) ?? []));
    if (results.length === 0) return this.problem('type', `${node.operator} is not defined for ${describeType(left)} and ${describeType(right)}`, node.start);
    if (node.operator === 'in') this.among(node, left, right);
    if (results.includes('list')) return unite([...lefts, ...rights].filter(({ kind }) => kind === 'list'));
    return unite(results.map(typeOfKind));
  }

  /** Equality holds for all kinds; two that can never be equal are a slip. */
  private equality(node: Binary, left: CelType, right: CelType): CelType {
    if (!couldEqual(left, right)) this.problem('type', `${describeType(left)} never equals ${describeType(right)}`, node.start);
    else if (!this.literalAmong(node.left, right)) this.literalAmong(node.right, left);
    return BOOL;
  }

  private among(node: Binary, item: CelType, whole: CelType): void {
    const lists = membersOf(whole).filter((member) => member.kind === 'list');
    if (lists.length === 0 || lists.length < membersOf(whole).length) return;
    const items = unite(lists.map((list) => list.items));
    if (!couldEqual(item, items)) this.problem('type', `a list of ${describeType(items)} never holds ${describeType(item)}`, node.start);
    else this.literalAmong(node.left, items);
  }

  /** Reports a text that is none of those which a schema lists. */
  private literalAmong(literal: Node, type: CelType): boolean {
    if (literal.op !== 'literal' || typeof literal.value !== 'string') return false;
    const { value } = literal;
    const strings = membersOf(type).filter((member) => member.kind === 'string');
    if (strings.length === 0 || strings.length < membersOf(type).filter(({ kind }) => kind !== 'null').length) return false;
    const values = strings.flatMap((member) => member.values ?? [value]);
    if (values.includes(value)) return false;
    const texts = values.filter((known) => typeof known === 'string');
    this.problem('type', `the value is never '${value}'${closest(value, texts)}; it is one of ${texts.join(', ')}`, literal.start);
    return true;
  }

  private call(node: Call, names: TypesOf): CelType {
    const args = [...(node.receiver ? [node.receiver] : []), ...node.args];
    const types = args.map((arg) => this.typeOf(arg, names));
    const overloads = overloadsOf(node.name, node.receiver !== undefined);
    if (overloads.length === 0) {
      const other = overloadsOf(node.name, node.receiver === undefined).length > 0;
      const hint = other ? (node.receiver ? `; write ${node.name}(…)` : `; write value.${node.name}(…)`) : closest(node.name, [...FUNCTION_NAMES, 'has']);
      return this.problem('function', `there is no ${node.receiver ? 'method' : 'function'} ${node.name}()${hint}`, node.start);
    }
    const fits = overloads.filter(({ takes }) => takes.length === types.length && takes.every((taken, index) => taken === 'any' || couldBe(types[index] ?? ANY, taken)));
    if (fits.length === 0) {
      const given = types.slice(node.receiver ? 1 : 0).map(describeType).join(', ');
      return this.problem('type', `${node.receiver ? `${describeType(types[0] ?? ANY)}.` : ''}${node.name}(${given}) is not defined`, node.start);
    }
    if (node.name === 'matches') this.pattern(args[1]);
    return unite(fits.map(({ gives }) => (gives === 'any' ? (types[0] ?? ANY) : typeOfKind(gives))));
  }

  private pattern(node: Node | undefined): void {
    if (node?.op !== 'literal' || typeof node.value !== 'string') return;
    try {
      compileLinearRegex(node.value);
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error;
      this.problem('type', error.message, node.start);
    }
  }

  private comprehension(node: Comprehension, names: TypesOf): CelType {
    const of = this.typeOf(node.of, names);
    const items = membersOf(of).flatMap((member): CelType[] => {
      if (member.kind === 'any') return [ANY];
      if (member.kind === 'list') return [member.items];
      return member.kind === 'map' ? [{ kind: 'string' }] : [];
    });
    if (items.length === 0) this.problem('type', `${node.macro}() is not defined for ${describeType(of)}`, node.start);
    const item = unite(items);
    const inside = { ...names, [node.variable]: item };
    if (node.filter) this.condition(node.filter, inside);
    if (node.macro === 'map') return { kind: 'list', items: this.typeOf(node.body, inside) };
    this.condition(node.body, inside);
    return node.macro === 'filter' ? { kind: 'list', items: item } : BOOL;
  }
}

function literalType(value: null | boolean | bigint | number | string): CelType {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'string') return { kind: 'string', values: [value] };
  if (typeof value === 'boolean') return BOOL;
  return { kind: typeof value === 'bigint' ? 'int' : 'double' };
}

function typeOfKind(kind: Kind): CelType {
  if (kind === 'list') return { kind, items: ANY };
  if (kind === 'map') return ANY_MAP;
  return { kind };
}

function couldBe(type: CelType, kinds: readonly Kind[]): boolean {
  return membersOf(type).some(({ kind }) => kind === 'any' || kinds.includes(kind));
}

function couldEqual(left: CelType, right: CelType): boolean {
  const group = (kind: string): string => (kind === 'int' ? 'double' : kind);
  const rights = membersOf(right).map(({ kind }) => group(kind));
  // A comparison with null asks whether there is a value, which may be asked of anything.
  return rights.some((kind) => kind === 'any' || kind === 'null') || membersOf(left).some(({ kind }) => kind === 'any' || kind === 'null' || rights.includes(group(kind)));
}

function operatorAlwaysBool(operator: string): boolean {
  return operator === 'in' || operator.startsWith('<') || operator.startsWith('>');
}
