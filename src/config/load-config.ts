import { readFileSync } from 'node:fs';
import path from 'node:path';
import { distance } from 'fastest-levenshtein';
import { parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { isJsonObject, type JsonObject } from '../kernel/index.js';
import { configErrors } from './config.errors.js';
import { configKeys, type ConfigKey } from './config-keys.js';
import { schemaWith, type ConfigurableConnector } from './config-schema.js';
import { resolveSecrets, type ResolvedConfig } from './resolve-secrets.js';

export interface ConfigSources {
  /** Project root: relative paths of the configuration start here. */
  readonly root: string;
  /** Configuration file; absent: defaults and environment alone. */
  readonly file?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Overrides of the command line by dotted path; they win over the environment. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Those that may have a section below `connectors`; default none. */
  readonly connectors?: readonly ConfigurableConnector[];
}

/** Variables with the prefix that are no configuration keys. */
const OTHER_VARIABLES = new Set(['CORDON_CONFIG', 'CORDON_CRASH_POINT', 'CORDON_HOME']);
const TEST_PREFIX = 'CORDON_TEST_';

/**
 * Reads file and environment once, checks them against the schema and resolves secret references.
 * @throws CordonError `config.*`, naming the path of the key, the nearest valid one and what to do
 */
export function loadConfig({ root, file, environment = {}, overrides = {}, connectors = [] }: ConfigSources): ResolvedConfig {
  const input = file === undefined ? {} : readYaml(file);
  const keys = configKeys(connectors);
  const unknown = applyEnvironment(input, environment, keys);
  for (const [key, value] of Object.entries(overrides)) if (value !== undefined) setPath(input, key.split('.'), value);
  requireReferred(unknown, input, keys);
  const parsed = schemaWith(connectors).safeParse(input);
  if (!parsed.success) throw explain(parsed.error, keys, file);
  return resolveSecrets(parsed.data, { baseDirectory: file === undefined ? root : path.dirname(path.resolve(file)), environment, root });
}

function readYaml(file: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw configErrors.create('config.unreadable', { detail: `${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`, cause: error });
  }
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true });
  const [fault] = document.errors;
  if (fault) throw configErrors.create('config.not_yaml', { detail: `${file}: ${fault.message.split('\n')[0]}` });
  const value = toData(document, file);
  if (value === null || value === undefined) return {};
  if (!isJsonObject(value)) throw configErrors.create('config.not_yaml', { detail: `${file}: the file must hold a mapping of keys` });
  return value;
}

/** Aliases are refused: a file of a few lines could unfold into more than fits into memory. */
function toData(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw configErrors.create('config.not_yaml', { detail: `${file}: an alias (*name) cannot be used here; write the value out`, cause: error });
  }
}

/** Puts the variables of keys into `input` and gives the names of those that belong to no key. */
function applyEnvironment(input: JsonObject, environment: Readonly<Record<string, string | undefined>>, keys: readonly ConfigKey[]): string[] {
  const byVariable = variablesOf(keys);
  const unknown: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith('CORDON_') || OTHER_VARIABLES.has(name) || name.startsWith(TEST_PREFIX)) continue;
    const key = byVariable.get(name);
    if (key) setPath(input, key.path.split('.'), scalarOf(text, key));
    else unknown.push(name);
  }
  return unknown;
}

const variablesOf = (keys: readonly ConfigKey[]) => new Map(keys.flatMap((key) => (key.variable ? [[key.variable, key] as const] : [])));

/** A variable with the prefix that is no key has to be the target of an `env:` reference; else it is a misspelt key. */
function requireReferred(unknown: readonly string[], input: JsonObject, keys: readonly ConfigKey[]): void {
  if (unknown.length === 0) return;
  const referred = referredVariables(input);
  const name = unknown.find((candidate) => !referred.has(candidate));
  if (name === undefined) return;
  throw configErrors.create('config.unknown_key', { detail: `environment variable ${name}; nearest: ${nearest(name, [...variablesOf(keys).keys()])}`, field: name });
}

function referredVariables(value: unknown): ReadonlySet<string> {
  if (typeof value === 'string') return new Set(value.startsWith('env:') ? [value.slice('env:'.length)] : []);
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(Object.values(value).flatMap((child) => [...referredVariables(child)]));
}

/** Environment values are text; a key that wants a number or boolean gets one where the text is one. */
function scalarOf(text: string, key: ConfigKey): unknown {
  if ((key.type === 'integer' || key.type === 'number') && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (key.type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

function setPath(target: JsonObject, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return;
  if (rest.length === 0) {
    target[key] = value as JsonObject[string];
    return;
  }
  const existing = target[key];
  const child = isJsonObject(existing) ? existing : {};
  target[key] = child;
  setPath(child, rest, value);
}

function explain(error: z.ZodError, keys: readonly ConfigKey[], file: string | undefined) {
  const where = file === undefined ? '' : `${file}: `;
  const issue = deepest(error.issues);
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const full = field === '' ? key : `${field}.${key}`;
    return configErrors.create('config.unknown_key', { detail: `${where}${full}; nearest: ${nearest(full, validSiblings(issue.path.map(String), keys))}`, field: full });
  }
  return configErrors.create('config.invalid_value', { detail: `${where}${field === '' ? 'the file' : field}: ${issue.message}`, field });
}

type Issue = z.core.$ZodIssue;

/** The issue that says most: an unknown key first, else the first one, inside the branch of a union that came furthest. */
function deepest(issues: readonly Issue[]): Issue {
  const unknown = issues.find(({ code }) => code === 'unrecognized_keys');
  const issue = unknown ?? issues[0];
  if (!issue) throw new TypeError('a failed parse has no issue');
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const branches = issue.errors.filter((branch) => branch.length > 0);
  const best = branches.sort((a, b) => a.length - b.length)[0];
  if (!best) return issue;
  const inner = deepest(best);
  return { ...inner, path: [...issue.path, ...inner.path] };
}

/** Full paths of the keys that may stand where the unknown one was found. */
function validSiblings(parent: readonly string[], keys: readonly ConfigKey[]): string[] {
  const siblings = new Set<string>();
  for (const { path: text } of keys) {
    const segments = text.split('.').flatMap((segment) => (segment.endsWith('[]') ? [segment.slice(0, -2), '<index>'] : [segment]));
    const fits = parent.every((segment, index) => segments[index] === segment || segments[index] === '<name>' || (segments[index] === '<index>' && /^\d+$/.test(segment)));
    const next = segments[parent.length];
    if (fits && next !== undefined && !next.startsWith('<')) siblings.add([...parent, next].join('.'));
  }
  return [...siblings];
}

function nearest(word: string, candidates: readonly string[]): string {
  return [...candidates].sort((a, b) => distance(word, a) - distance(word, b))[0] ?? 'none';
}
