import { ECS_ALLOWED_VALUES, ECS_CATEGORY_TYPES, ECS_FIELD_TYPES } from './ecs-table.generated.js';

/** Name of a field of the pinned ECS release. */
export type EcsField = keyof typeof ECS_FIELD_TYPES;

export type RelatedKind = 'ip' | 'user' | 'hosts' | 'hash';

/** What the field table says of one field, prepared for writing it. */
export interface FieldSpec {
  readonly name: string;
  readonly segments: readonly string[];
  /** ECS type without the array mark. */
  readonly type: string;
  readonly array: boolean;
  readonly allowed?: ReadonlySet<string>;
  /** The `related.*` collection that repeats the values of this field. */
  readonly related?: RelatedKind;
}

const USER_FIELD = /^(?:(?:source|destination|client|server)\.)?user\.(?:(?:target|effective|changes)\.)?(?:name|email|id)$/;
const HOST_FIELD = /^(?:(?:host|observer)\.(?:name|hostname)|(?:source|destination|client|server|url)\.domain)$/;
const HASH_FIELD = /(?:\.hash\.(?:md5|sha1|sha256|sha384|sha512|ssdeep|tlsh)|^tls\.(?:client\.ja3|server\.ja3s))$/;

function relatedKind(name: string, type: string): RelatedKind | undefined {
  if (name.startsWith('related.')) return undefined;
  if (type === 'ip') return 'ip';
  if (USER_FIELD.test(name)) return 'user';
  if (HOST_FIELD.test(name)) return 'hosts';
  return HASH_FIELD.test(name) ? 'hash' : undefined;
}

/** A spec from a type in the notation of the generated table: `keyword`, `long`, `keyword[]`. */
export function fieldSpec(name: string, notation: string): FieldSpec {
  const array = notation.endsWith('[]');
  const type = array ? notation.slice(0, -2) : notation;
  const allowed = ECS_ALLOWED_VALUES[name];
  const related = relatedKind(name, type);
  return {
    name,
    segments: name.split('.'),
    type,
    array,
    ...(allowed ? { allowed: new Set(allowed) } : {}),
    ...(related ? { related } : {}),
  };
}

const specs = new Map<string, FieldSpec>(Object.entries(ECS_FIELD_TYPES).map(([name, notation]) => [name, fieldSpec(name, notation)]));

/** Undefined when ECS has no such field. */
export function ecsField(name: string): FieldSpec | undefined {
  return specs.get(name);
}

export function ecsFields(): Iterable<FieldSpec> {
  return specs.values();
}

/** Names that have fields below them: `source`, `source.geo`, … A document must hold objects there. */
export const ECS_PARENTS: ReadonlySet<string> = new Set(
  [...specs.values()].flatMap(({ segments }) => segments.slice(1).map((_, depth) => segments.slice(0, depth + 1).join('.'))),
);

const typesOfCategory = new Map(Object.entries(ECS_CATEGORY_TYPES).map(([category, types]) => [category, new Set(types)]));

/** Whether ECS expects `type` with at least one of the categories. */
export function typeFitsCategories(type: string, categories: readonly string[]): boolean {
  return categories.some((category) => typesOfCategory.get(category)?.has(type));
}
