import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Secret, SecretReference, type Resolved } from '../kernel/index.js';
import type { Config } from './config-schema.js';
import { configErrors } from './config.errors.js';

export type ResolvedConfig = Omit<Resolved<Config>, 'database'> & {
  /** Project root; relative paths in the configuration start here. */
  readonly root: string;
  /** Sections of connectors by id, checked against the schemas of the connectors that were given; only their actions read them. */
  readonly connectors: Readonly<Record<string, unknown>>;
  readonly database: Omit<Resolved<Config['database']>, 'url' | 'ownerUrl'> & { url?: Secret; ownerUrl?: Secret };
};

export type ResolvedSource = ResolvedConfig['sources'][string];

interface Surroundings {
  readonly root: string;
  /** Folder that `file:` references are relative to. */
  readonly baseDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws CordonError `config.secret_missing`, naming the key and the reference, never the value */
export function resolveSecrets(config: Config & { readonly connectors: Readonly<Record<string, unknown>> }, surroundings: Surroundings): ResolvedConfig {
  const resolved = resolve(config, [], surroundings) as ResolvedConfig;
  const { url, ownerUrl } = resolved.database;
  return {
    ...resolved,
    root: surroundings.root,
    dataDirectory: path.resolve(surroundings.root, config.dataDirectory),
    database: { ...resolved.database, ...wrap('url', url), ...wrap('ownerUrl', ownerUrl) },
  };
}

/** A connection URL may be written out (without a password it is no secret), but is wrapped all the same. */
const wrap = (key: 'url' | 'ownerUrl', value: Secret | string | undefined) => (typeof value === 'string' ? { [key]: new Secret(value) } : {});

function resolve(value: unknown, at: readonly string[], surroundings: Surroundings): unknown {
  if (SecretReference.is(value)) return read(value, at, surroundings);
  if (Array.isArray(value)) return value.map((item, index) => resolve(item, [...at, String(index)], surroundings));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, [...at, key], surroundings)]));
}

function read(reference: SecretReference, at: readonly string[], { baseDirectory, environment }: Surroundings): Secret {
  const field = at.join('.');
  const missing = (why: string, cause?: unknown) =>
    configErrors.create('config.secret_missing', { detail: `${field}: ${reference.kind}:${reference.name} ${why}`, field, cause });
  if (reference.kind === 'env') {
    const value = environment[reference.name];
    if (value === undefined || value === '') throw missing('is not set');
    return new Secret(value);
  }
  const file = path.resolve(baseDirectory, reference.name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw missing(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`, error);
  }
  if (text === '') throw missing('is empty');
  return new Secret(text, file);
}
