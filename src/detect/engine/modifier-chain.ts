import { closest } from 'fastest-levenshtein';
import { refuse } from './rule-findings.js';
import type { RuleNode } from './rule-document.js';

export type Position = 'contains' | 'startswith' | 'endswith';
export type Encoding = 'windash' | 'base64' | 'base64offset' | 'utf16le' | 'utf16be' | 'utf16';
export type Comparison = 'gt' | 'gte' | 'lt' | 'lte';
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
export type RegexFlag = 'i' | 'm' | 's';

/** The key of a detection item, `field|modifier|…`, read and checked. */
export interface ModifierChain {
  /** Undefined for keywords, which look at every value of the event. */
  readonly field: string | undefined;
  readonly kind: 'text' | 're' | 'cidr' | 'exists' | 'fieldref' | 'number';
  readonly position?: Position;
  /** In the order in which they apply. */
  readonly encodings: readonly Encoding[];
  readonly comparison?: Comparison;
  readonly timePart?: TimePart;
  readonly regexFlags: ReadonlySet<RegexFlag>;
  readonly all: boolean;
  readonly cased: boolean;
  readonly negated: boolean;
  readonly expand: boolean;
}

type Role =
  | { readonly role: 'position'; readonly value: Position }
  | { readonly role: 'encoding'; readonly value: Encoding }
  | { readonly role: 'comparison'; readonly value: Comparison }
  | { readonly role: 'timePart'; readonly value: TimePart }
  | { readonly role: 'flag'; readonly value: RegexFlag }
  | { readonly role: 'kind'; readonly value: 're' | 'cidr' | 'exists' | 'fieldref' }
  | { readonly role: 'switch'; readonly value: 'all' | 'cased' | 'negated' | 'expand' };

const MODIFIERS: ReadonlyMap<string, Role> = new Map<string, Role>([
  ...(['contains', 'startswith', 'endswith'] as const).map((value) => [value, { role: 'position', value }] as const),
  ...(['windash', 'base64', 'base64offset', 'utf16le', 'utf16be', 'utf16'] as const).map((value) => [value, { role: 'encoding', value }] as const),
  ['wide', { role: 'encoding', value: 'utf16le' }],
  ...(['gt', 'gte', 'lt', 'lte'] as const).map((value) => [value, { role: 'comparison', value }] as const),
  ...(['minute', 'hour', 'day', 'week', 'month', 'year'] as const).map((value) => [value, { role: 'timePart', value }] as const),
  ['i', { role: 'flag', value: 'i' }], ['ignorecase', { role: 'flag', value: 'i' }],
  ['m', { role: 'flag', value: 'm' }], ['multiline', { role: 'flag', value: 'm' }],
  ['s', { role: 'flag', value: 's' }], ['dotall', { role: 'flag', value: 's' }],
  ...(['re', 'cidr', 'exists', 'fieldref'] as const).map((value) => [value, { role: 'kind', value }] as const),
  ['all', { role: 'switch', value: 'all' }], ['cased', { role: 'switch', value: 'cased' }],
  ['neq', { role: 'switch', value: 'negated' }], ['expand', { role: 'switch', value: 'expand' }],
]);

/** Every modifier name, for documentation. */
export const modifierNames: readonly string[] = [...MODIFIERS.keys()];

export function parseModifierChain(key: string, at: Pick<RuleNode, 'line'>): ModifierChain {
  const [field = '', ...names] = key.split('|');
  const roles = names.map((name) => ({ name, ...(MODIFIERS.get(name) ?? unknownModifier(name, key, at)) }));
  const single = <Named extends { readonly name: string; readonly value: unknown }>(found: readonly Named[]): Named['value'] | undefined => {
    if (found.length > 1) wrong(key, `${found.map(({ name }) => name).join(' and ')} exclude each other`, at);
    return found[0]?.value;
  };
  const has = (value: string): boolean => roles.some((candidate) => candidate.value === value);
  const position = single(roles.flatMap((candidate) => (candidate.role === 'position' ? [candidate] : [])));
  const comparison = single(roles.flatMap((candidate) => (candidate.role === 'comparison' ? [candidate] : [])));
  const timePart = single(roles.flatMap((candidate) => (candidate.role === 'timePart' ? [candidate] : [])));
  const stated = single(roles.flatMap((candidate) => (candidate.role === 'kind' ? [candidate] : [])));
  const chain: ModifierChain = {
    field: field === '' ? undefined : field,
    kind: stated ?? (comparison !== undefined || timePart !== undefined ? 'number' : 'text'),
    ...(position !== undefined && { position }),
    encodings: roles.flatMap((candidate) => (candidate.role === 'encoding' ? [candidate.value] : [])),
    ...(comparison !== undefined && { comparison }),
    ...(timePart !== undefined && { timePart }),
    regexFlags: new Set(roles.flatMap((candidate) => (candidate.role === 'flag' ? [candidate.value] : []))),
    all: has('all'), cased: has('cased'), negated: has('negated'), expand: has('expand'),
  };
  checkCombination(key, chain, roles, at);
  return chain;
}

function checkCombination(key: string, chain: ModifierChain, roles: readonly (Role & { readonly name: string })[], at: Pick<RuleNode, 'line'>): void {
  const { kind, position, encodings, comparison, timePart, regexFlags } = chain;
  const positionIndex = roles.findIndex(({ role }) => role === 'position');
  const lateEncoding = roles.find(({ role, value }, i) => role === 'encoding' && value !== 'windash' && positionIndex >= 0 && i > positionIndex);
  if (lateEncoding) wrong(key, `${lateEncoding.name} must stand before ${position ?? ''}, for wildcards cannot be encoded`, at);
  if (encodings.includes('windash') && encodings[0] !== 'windash') wrong(key, 'windash must stand before an encoding', at);
  if (regexFlags.size > 0 && kind !== 're') wrong(key, `the flags ${[...regexFlags].join(', ')} belong to re`, at);
  const before = roles.slice(0, roles.findIndex(({ value }) => value === 're')).find(({ role }) => role !== 'switch');
  if (kind === 're' && before) wrong(key, `re must stand before ${before.name}`, at);
  if (kind !== 'text' && encodings.length > 0) wrong(key, `${encodings.join(', ')} encode text and do not go with ${kind === 'number' ? 'a number' : kind}`, at);
  if ((kind === 'cidr' || kind === 'exists' || kind === 'number') && position !== undefined) wrong(key, `${position} does not go with ${comparison ?? timePart ?? kind}`, at);
  if ((kind === 're' || kind === 'cidr' || kind === 'exists' || kind === 'fieldref') && (comparison !== undefined || timePart !== undefined)) {
    wrong(key, `${comparison ?? timePart ?? ''} does not go with ${kind}`, at);
  }
  if (kind === 'exists' && (chain.all || chain.expand)) wrong(key, 'exists takes no further modifier', at);
  if (chain.field === undefined && (kind === 'exists' || kind === 'fieldref' || kind === 'number')) wrong(key, `${comparison ?? timePart ?? kind} needs a field`, at);
}

function unknownModifier(name: string, key: string, at: Pick<RuleNode, 'line'>): never {
  const nearest = name === '' ? '' : `; the nearest known one is '${closest(name.toLowerCase(), modifierNames)}'`;
  refuse('rules.unknown_modifier', `'${name}' in '${key}'${nearest}`, at);
}

function wrong(key: string, reason: string, at: Pick<RuleNode, 'line'>): never {
  refuse('rules.modifier_order', `'${key}': ${reason}`, at);
}
