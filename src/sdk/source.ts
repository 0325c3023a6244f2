import type { JsonObject } from '../kernel/index.js';
import { dlpField, type DlpField } from './dlp.js';
import { ECS_PARENTS, ecsField, type EcsField, type FieldSpec } from './ecs/ecs-fields.js';
import { fitValue, MISFIT } from './ecs/fit-value.js';
import type { EcsDraft } from './mapping/ecs-draft.js';
import { jsonPath } from './mapping/json-path.js';
import type { RecordView } from './mapping/record-view.js';
import { jsonObject, type RecordParser } from './parsers.js';

export const SOURCE_CLASSES = ['gateway', 'dlp', 'ueba', 'identity', 'siem', 'generic'] as const;
export type SourceClass = (typeof SOURCE_CLASSES)[number];

export type Framing = 'json' | 'text';

/**
 * A Sigma logsource that the events of a stream belong to; a rule fits when all it states is in one entry. Besides what its
 * definition states, every stream has `product: cordon, category: <class>, service: <package>.<stream>`, so that a rule can
 * address one stream, or all sensors of a class.
 */
export interface LogSource {
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
}

/**
 * Where a field's value comes from: a dotted path into the record, several paths of which the first with a value counts,
 * or a function. The value is then brought into the form of the field's ECS type.
 */
export type FieldRule = string | readonly string[] | ((record: RecordView) => unknown);

/** Fields whose values ECS lists: a path would carry a vendor's word into them, so they take a function or a constant. */
type EnumeratedField = 'event.kind' | 'event.category' | 'event.type' | 'event.outcome';

export type FieldTable = { readonly [F in EcsField]?: F extends EnumeratedField ? Exclude<FieldRule, string | readonly string[]> : FieldRule };
export type DlpTable = { readonly [F in DlpField]?: FieldRule };
export type VendorTable = Readonly<Record<string, FieldRule>>;
export type ConstantTable = { readonly [F in EcsField]?: string | number | boolean | readonly string[] };

/** What a connector's author writes for one stream. Everything that ECS asks of every event is added by the engine. */
export interface SourceDefinition {
  /** `<package>.<stream>`: name of the stream, data set and vendor namespace. */
  readonly stream: `${string}.${string}`;
  readonly title: string;
  readonly class: SourceClass;
  /** Whether the sensor sends by itself or is asked. */
  readonly delivery: 'push' | 'poll';
  /** What Sigma rules call the stream. Added: product `cordon`, the class as category, the stream as service. */
  readonly logsources: readonly LogSource[];
  /** How a delivery holds records: `json` (objects, alone, in an array or one a line; the default) or `text` (one record a line, whatever it is). */
  readonly framing?: Framing;
  /** Text of one record to fields. Default: one JSON object. */
  readonly parse?: RecordParser;
  /** A record in which none of these paths has a value belongs to another stream and becomes a pipeline error. */
  readonly recognisedBy: readonly string[];
  /** Words that this vendor writes for "no value". */
  readonly absent?: readonly string[];
  /** Fields that are the same in every event of the stream. */
  readonly constants: ConstantTable;
  readonly fields: FieldTable;
  /** `cordon.dlp.*`, for data loss alerts. */
  readonly dlp?: DlpTable;
  /**
   * What goes below the vendor namespace `<package>.<stream>`. Default: the whole record under the vendor's own names, which
   * is how Sigma rules written for the vendor find their fields. A table names the fields below the namespace.
   */
  readonly vendor?: VendorTable | ((record: RecordView) => JsonObject | undefined);
  /** A reason to drop a record that holds no event (header, empty page), else undefined. */
  readonly drop?: (record: RecordView) => string | undefined;
  /** What the tables cannot say; runs after them. */
  readonly map?: (record: RecordView, draft: EcsDraft) => void;
}

/** A source that is ready to run: the definition with its tables compiled. */
export interface Source extends Omit<SourceDefinition, 'constants' | 'fields' | 'dlp' | 'map' | 'framing' | 'parse' | 'absent' | 'vendor'> {
  /** The part of the stream's name before the dot (`event.module`). */
  readonly module: string;
  readonly framing: Framing;
  readonly parse: RecordParser;
  readonly absent: ReadonlySet<string>;
  /** Runs the whole mapping of the source. */
  apply(record: RecordView, draft: EcsDraft): void;
}

const STREAM_NAME = /^[a-z0-9_]+\.[a-z0-9_]+$/;

/** Checks and compiles a definition. A mistake in it is a TypeError at start, never a wrong document later. */
export function defineSource(definition: SourceDefinition): Source {
  const { constants, fields, dlp, map, framing, parse, absent, vendor, ...rest } = definition;
  const { stream } = rest;
  if (!STREAM_NAME.test(stream)) throw new TypeError(`stream '${stream}' is not <package>.<stream> in lower case`);
  const [module = ''] = stream.split('.');
  if (ECS_PARENTS.has(module)) throw new TypeError(`stream '${stream}' would write into the ECS fields below '${module}'`);

  const fixed = Object.entries(constants).map(([name, value]) => compileConstant(stream, name, value));
  const rules = [
    ...Object.entries(fields).map(([name, rule]) => compileRule(stream, name, ecsField(name), rule)),
    ...Object.entries(dlp ?? {}).map(([name, rule]) => compileRule(stream, name, dlpField(name), rule)),
  ];
  const writeVendor = compileVendor(stream.split('.'), vendor);

  return {
    ...rest,
    logsources: [...rest.logsources, { product: 'cordon', category: rest.class, service: stream }],
    module,
    framing: framing ?? 'json',
    parse: parse ?? jsonObject,
    absent: new Set(absent),
    apply(record, draft) {
      for (const { spec, value } of fixed) draft.put(spec, value);
      for (const { spec, read } of rules) draft.put(spec, read(record));
      map?.(record, draft);
      writeVendor(record, draft);
    },
  };
}

function compileConstant(stream: string, name: string, value: unknown): { spec: FieldSpec; value: unknown } {
  const spec = ecsField(name);
  if (!spec) throw new TypeError(`${stream}: ECS has no field '${name}'`);
  const misfit = (Array.isArray(value) ? (value as unknown[]) : [value]).find((item) => fitValue(spec, item) === MISFIT);
  if (misfit !== undefined) throw new TypeError(`${stream}: ${JSON.stringify(misfit)} does not fit ${name}`);
  return { spec, value };
}

interface CompiledRule {
  readonly spec: FieldSpec;
  readonly read: (record: RecordView) => unknown;
}

function compileRule(stream: string, name: string, spec: FieldSpec | undefined, rule: FieldRule): CompiledRule {
  if (!spec) throw new TypeError(`${stream}: there is no field '${name}'`);
  return { spec, read: compileRead(rule) };
}

function compileRead(rule: FieldRule): (record: RecordView) => unknown {
  if (typeof rule === 'function') return rule;
  const paths = (typeof rule === 'string' ? [rule] : rule).map(jsonPath);
  return (record) => {
    for (const path of paths) {
      const value = record.at(path);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function compileVendor(namespace: readonly string[], vendor: SourceDefinition['vendor']): Source['apply'] {
  if (vendor === undefined) return (record, draft) => void draft.setVendor(namespace, record.root);
  if (typeof vendor === 'function') return (record, draft) => void draft.setVendor(namespace, vendor(record));
  const fields = Object.entries(vendor).map(([name, rule]) => ({ segments: [...namespace, ...name.split('.')], read: compileRead(rule) }));
  return (record, draft) => {
    for (const { segments, read } of fields) draft.setVendor(segments, read(record));
  };
}
