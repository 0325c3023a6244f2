import { z } from 'zod';
import { schemaWith, type ConfigurableConnector } from './config-schema.js';

/** One key of the configuration, for docs/config.md, environment overrides and spelling help. */
export interface ConfigKey {
  /** Dotted path; `<name>` stands for a key the operator chooses, `[]` for a list item. */
  readonly path: string;
  readonly description: string;
  readonly type: string;
  /** Undefined where the key must be given or may be absent. */
  readonly default: unknown;
  readonly required: boolean;
  /** Environment variable that overrides it; undefined below lists and operator-chosen keys. */
  readonly variable: string | undefined;
}

interface SchemaNode {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: string;
  required?: string[];
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  oneOf?: SchemaNode[];
}

/** JSON Schema (draft 2020-12) of the configuration file, with the sections of `connectors`. */
export function configJsonSchema(connectors: readonly ConfigurableConnector[] = []): object {
  return z.toJSONSchema(schemaWith(connectors), { io: 'input', unrepresentable: 'any' });
}

/** Every leaf key, in the order of the schema. */
export function configKeys(connectors: readonly ConfigurableConnector[] = []): ConfigKey[] {
  return walk(configJsonSchema(connectors), [], true, false);
}

function walk(node: SchemaNode, path: readonly string[], overridable: boolean, required: boolean): ConfigKey[] {
  const entries = Object.entries(node.properties ?? {});
  if (entries.length > 0) {
    return entries.flatMap(([key, child]) => walk(child, [...path, key], overridable, node.required?.includes(key) ?? false));
  }
  const self: ConfigKey = {
    path: path.join('.'),
    description: node.description ?? '',
    type: typeName(node),
    default: node.default,
    required,
    variable: overridable && isScalar(node) ? variableName(path) : undefined,
  };
  if (typeof node.additionalProperties === 'object') return [self, ...children(node.additionalProperties, [...path, '<name>'])];
  if (node.items) return [self, ...children(node.items, [...path.slice(0, -1), `${path.at(-1)}[]`])];
  const alternatives = (node.oneOf ?? node.anyOf ?? []).filter(({ properties }) => properties);
  return alternatives.length > 0 ? [self, ...distinct(alternatives.flatMap((option) => children(option, path)))] : [self];
}

const children = (node: SchemaNode, path: readonly string[]) => (hasKeys(node) ? walk(node, path, false, false) : []);

const hasKeys = (node: SchemaNode) => node.properties !== undefined;

function distinct(keys: ConfigKey[]): ConfigKey[] {
  return [...new Map(keys.map((key) => [key.path, key])).values()];
}

const isScalar = ({ type, anyOf, enum: values }: SchemaNode) => values !== undefined || anyOf !== undefined || (type !== 'object' && type !== 'array');

function typeName(node: SchemaNode): string {
  if (node.enum) return node.enum.map(String).join(' | ');
  if (node.const !== undefined) return node.const;
  const options = node.anyOf ?? node.oneOf;
  if (options) return [...new Set(options.map(typeName))].join(' | ');
  return node.type ?? 'any';
}

/** `server.drainTimeout` → `CORDON_SERVER_DRAIN_TIMEOUT`. */
export function variableName(path: readonly string[]): string {
  return ['CORDON', ...path.map((key) => key.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase())].join('_');
}
