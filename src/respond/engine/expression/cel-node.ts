/** An operation of CEL on two values. */
export const BINARY_OPERATORS = ['==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%'] as const;
export type BinaryOperator = (typeof BINARY_OPERATORS)[number];

export const MACROS = ['all', 'exists', 'exists_one', 'map', 'filter'] as const;
export type Macro = (typeof MACROS)[number];

type At = { /** Offset at which it begins. */ readonly start: number };

export type Call = At & { readonly op: 'call'; readonly name: string; readonly receiver: Node | undefined; readonly args: readonly Node[] };
export type Comprehension = At & {
  readonly op: 'comprehension';
  readonly macro: Macro;
  readonly of: Node;
  readonly variable: string;
  readonly filter: Node | undefined;
  readonly body: Node;
};
export type Binary = At & { readonly op: 'binary'; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node };

/** The syntax tree of an expression, with the offset at which each part begins. */
export type Node = At & (
  | { readonly op: 'literal'; readonly value: null | boolean | bigint | number | string }
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'select'; readonly of: Node; readonly key: string }
  | { readonly op: 'has'; readonly of: Node; readonly key: string }
  | { readonly op: 'index'; readonly of: Node; readonly by: Node }
  | { readonly op: 'list'; readonly items: readonly Node[] }
  | { readonly op: 'map'; readonly entries: readonly (readonly [Node, Node])[] }
  | { readonly op: 'if'; readonly condition: Node; readonly then: Node; readonly otherwise: Node }
  | { readonly op: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly op: 'not' | 'negate'; readonly of: Node }
  | Binary
  | Call
  | Comprehension
);
