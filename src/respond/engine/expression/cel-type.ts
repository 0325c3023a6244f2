import type { JsonValue } from '../../../kernel/index.js';
import type { Kind } from './cel-value.js';

/** What is known of a value before it exists. `any` is everything; a map without `additional` is closed. */
export type CelType =
  | { readonly kind: 'any' }
  | { readonly kind: Exclude<Kind, 'list' | 'map' | 'string'> }
  | { readonly kind: 'string'; /** All it can be, where a schema lists them. */ readonly values?: readonly JsonValue[] }
  | { readonly kind: 'list'; readonly items: CelType }
  | { readonly kind: 'map'; readonly properties: Readonly<Record<string, CelType>>; readonly additional: CelType | undefined }
  | { readonly kind: 'union'; readonly of: readonly CelType[] };

export const ANY: CelType = { kind: 'any' };
export const ANY_MAP: CelType = { kind: 'map', properties: {}, additional: ANY };

/** The single kinds a type can be, `any` for one of which nothing is known. */
export function membersOf(type: CelType): readonly Exclude<CelType, { kind: 'union' }>[] {
  return type.kind === 'union' ? type.of.flatMap(membersOf) : [type];
}

export function unite(types: readonly CelType[]): CelType {
  const members = types.flatMap(membersOf);
  if (members.length === 0 || members.some(({ kind }) => kind === 'any')) return ANY;
  const distinct = [...new Map(members.map((member) => [JSON.stringify(member), member])).values()];
  const [first] = distinct;
  return first && distinct.length === 1 ? first : { kind: 'union', of: distinct };
}

/** Words for people, such as `string or null`. */
export function describeType(type: CelType): string {
  return [...new Set(membersOf(type).map(({ kind }) => (kind === 'double' || kind === 'int' ? 'number' : kind)))].join(' or ');
}
