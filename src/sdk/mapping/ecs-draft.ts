import type { JsonObject, JsonValue } from '../../kernel/index.js';
import { ecsField, typeFitsCategories, type EcsField, type FieldSpec, type RelatedKind } from '../ecs/ecs-fields.js';
import { fitValue, MISFIT } from '../ecs/fit-value.js';
import { splitAccount } from './account.js';
import { cleanJson, storableText } from './clean-json.js';
import { urlParts, type UrlParts } from './url-parts.js';

const MAX_WARNINGS = 20;

/**
 * A document while a mapping fills it. Only values that fit ECS get in: one that breaks type or allowed values goes to
 * `cordon.unmapped.<field>` with a line in `cordon.warnings`. Null, undefined and empty values are ignored.
 */
export class EcsDraft {
  private readonly root: JsonObject;
  private readonly related: Partial<Record<RelatedKind, Set<string>>> = {};
  private readonly warnings: string[] = [];

  constructor(private readonly receivedAt: Date) {
    this.root = { '@timestamp': '' };
  }

  /** Writes an ECS field and replaces what it held. A list goes to a field that ECS keeps single only with two or more members. */
  set(field: EcsField, value: unknown): this {
    const spec = ecsField(field);
    if (spec) this.put(spec, value);
    return this;
  }

  /** Adds values to what a list field holds, each once. */
  append(field: EcsField, ...values: readonly unknown[]): this {
    const held = this.get(field);
    return this.set(field, [...(Array.isArray(held) ? held : held === undefined ? [] : [held]), ...values]);
  }

  get(field: EcsField): JsonValue | undefined {
    const spec = ecsField(field);
    return spec ? this.read(spec.segments) : undefined;
  }

  /** `url.original` and its parts; a part that is set already stays. With `hostFirst`, a text without scheme starts with the host. */
  url(text: string | undefined, { hostFirst = false }: { readonly hostFirst?: boolean } = {}): this {
    if (!text) return this;
    this.set('url.original', text);
    const parts: UrlParts = urlParts(hostFirst && !text.includes('://') ? `//${text}` : text);
    for (const [part, value] of Object.entries(parts)) {
      const field = `url.${part}` as EcsField;
      if (this.get(field) === undefined) this.set(field, value);
    }
    return this;
  }

  /** Adds to `related.*` what no field of the document holds; fields with addresses, users, hosts and hashes are added by themselves. */
  relate(kind: RelatedKind, ...values: readonly unknown[]): this {
    const spec = ecsField(`related.${kind}`);
    for (const value of values) {
      const fitted = spec && value !== undefined && value !== null && value !== '' ? fitValue(spec, value) : MISFIT;
      if (typeof fitted === 'string') (this.related[kind] ??= new Set()).add(fitted);
    }
    return this;
  }

  warn(text: string): this {
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push(storableText(text));
    return this;
  }

  /** Keeps a value that has no place in the document, under the name of the field that refused it. */
  unmapped(field: string, value: unknown, reason: string): this {
    const kept = cleanJson(value);
    if (kept !== undefined) this.write(['cordon', 'unmapped', ...field.split('.')], kept);
    return this.warn(`${field}: ${reason}`);
  }

  /** Writes below the root of a namespace that is not ECS. */
  setVendor(segments: readonly string[], value: unknown): this {
    const clean = cleanJson(value, () => this.warn(`${segments.join('.')}: nested too deep, the rest is in event.original alone`));
    if (clean !== undefined) this.write(segments, clean);
    return this;
  }

  /** Writes one field by its spec (ECS or `cordon.dlp`). */
  put(spec: FieldSpec, value: unknown): void {
    if (value === undefined || value === null || value === '') return;
    const fitted = Array.isArray(value) ? this.fitList(spec, value) : this.fitOne(spec, value);
    if (fitted === undefined) return;
    if (!this.write(spec.segments, fitted)) this.unmapped(spec.name, fitted, 'a field above it holds a value');
    else if (spec.related) this.relateFitted(spec.related, fitted);
  }

  private fitOne(spec: FieldSpec, value: unknown): JsonValue | undefined {
    const fitted = fitValue(spec, value, this.receivedAt);
    if (fitted === MISFIT) {
      this.unmapped(spec.name, value, misfitReason(spec, value));
      return undefined;
    }
    return (spec.array ? [fitted] : fitted) as JsonValue;
  }

  private fitList(spec: FieldSpec, values: readonly unknown[]): JsonValue | undefined {
    const kept = new Set<unknown>();
    const misfits: unknown[] = [];
    for (const value of values) {
      if (value === undefined || value === null || value === '') continue;
      const fitted = fitValue(spec, value, this.receivedAt);
      if (fitted === MISFIT) misfits.push(value);
      else kept.add(fitted);
    }
    if (misfits.length > 0) this.unmapped(spec.name, misfits, misfitReason(spec, misfits[0]));
    if (kept.size === 0) return undefined;
    const list = [...kept] as JsonValue[];
    return spec.array || list.length > 1 ? list : list[0];
  }

  private relateFitted(kind: RelatedKind, fitted: JsonValue): void {
    const values = (this.related[kind] ??= new Set());
    if (typeof fitted === 'string') values.add(fitted);
    else for (const text of texts(fitted)) values.add(text);
  }

  private read(segments: readonly string[]): JsonValue | undefined {
    let current: JsonValue | undefined = this.root;
    for (const key of segments) {
      if (typeof current !== 'object' || current === null || Array.isArray(current) || !Object.hasOwn(current, key)) return undefined;
      current = current[key];
    }
    return current;
  }

  /** False when something that is no object stands in the way. Segments come from the field table or from code, never from a record. */
  private write(segments: readonly string[], value: JsonValue): boolean {
    let node: JsonObject = this.root;
    const last = segments.length - 1;
    for (let i = 0; i < last; i++) {
      const key = segments[i] as string;
      const next: JsonValue | undefined = node[key];
      if (next === undefined) node = node[key] = {};
      else if (typeof next === 'object' && next !== null && !Array.isArray(next)) node = next;
      else return false;
    }
    node[segments[last] as string] = value;
    return true;
  }

  /** The document, with what follows from other fields: user parts, `related.*`, warnings, the check of event.type. */
  finish(): JsonObject {
    if (this.root['@timestamp'] === '') {
      this.set('@timestamp', this.receivedAt);
      this.warn('@timestamp: the record states no usable time, the time of receipt stands in');
    }
    this.deriveUser();
    this.checkEventTypes();
    for (const [kind, values] of Object.entries(this.related)) this.write(['related', kind], [...values]);
    if (this.warnings.length > 0) this.write(['cordon', 'warnings'], [...this.warnings]);
    return this.root;
  }

  private deriveUser(): void {
    const email = this.get('user.email');
    if (typeof email !== 'string' || this.get('user.name') !== undefined) {
      this.relate('user', ...texts(email).map((address) => splitAccount(address)?.name));
      return;
    }
    const parts = splitAccount(email);
    this.set('user.name', parts?.name);
    if (this.get('user.domain') === undefined) this.set('user.domain', parts?.domain);
  }

  private checkEventTypes(): void {
    const categories = texts(this.get('event.category'));
    const types = texts(this.get('event.type'));
    if (categories.length === 0) return;
    const fitting = types.filter((type) => typeFitsCategories(type, categories));
    if (fitting.length === types.length) return;
    const foreign = types.filter((type) => !fitting.includes(type));
    this.unmapped('event.type', foreign, `${foreign.join(', ')} does not go with category ${categories.join(', ')}`);
    const event = this.root['event'] as JsonObject;
    if (fitting.length > 0) event['type'] = fitting;
    else delete event['type'];
  }
}

/** The strings among the members of a list. */
const texts = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

function misfitReason(spec: FieldSpec, value: unknown): string {
  const text = Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : (JSON.stringify(value) ?? typeof value).slice(0, 60);
  return `${text} is no ${spec.allowed ? 'allowed value' : spec.type}`;
}
