import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { Secret, type ResolvedConfig } from '../config/index.js';
import { databaseFolder } from '../intake/index.js';

export interface Finding {
  readonly state: 'ok' | 'warn' | 'fault';
  readonly check: string;
  readonly detail: string;
}

const OLDEST_NODE = [20, 19] as const;
const GROUP = 0o070;
const WORLD = 0o007;
const OTHERS = GROUP | WORLD;

export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  return { state: old ? 'fault' : 'ok', check: 'node', detail: old ? `${version} is too old; install ${OLDEST_NODE.join('.')} or newer` : version };
}

/** A source that anyone may post to is a choice, so it warns. */
export function examineSources({ sources }: Pick<ResolvedConfig, 'sources'>): Finding[] {
  const names = Object.keys(sources);
  if (names.length === 0) return [{ state: 'warn', check: 'sources', detail: 'none is configured: nothing can send' }];
  const open = names.filter((name) => sources[name]?.auth.type === 'none');
  if (open.length === 0) return [{ state: 'ok', check: 'sources', detail: `${names.join(', ')}: all authenticated` }];
  return open.map((name) => ({ state: 'warn', check: 'sources', detail: `${name} is open: anyone who reaches the port may post; give it auth.type hmac or bearer` }));
}

/** The data directory can be written, and its secrets cannot be read by other users. */
export function examineFiles({ dataDirectory }: Pick<ResolvedConfig, 'dataDirectory'>): Finding[] {
  if (!existsSync(dataDirectory)) return [{ state: 'ok', check: 'data directory', detail: `${dataDirectory} is not there yet; the first start makes it` }];
  try {
    accessSync(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [{ state: 'fault', check: 'data directory', detail: `${dataDirectory} cannot be written by this user` }];
  }
  const exposed = secretFiles(dataDirectory).filter((file) => (statSync(file).mode & OTHERS) !== 0);
  if (exposed.length > 0) return exposed.map((file) => ({ state: 'fault', check: 'secret files', detail: `${file} can be read by other users; run chmod 600 on it` }));
  return [{ state: 'ok', check: 'data directory', detail: `${dataDirectory}, secrets readable by this user alone` }];
}

function secretFiles(dataDirectory: string): string[] {
  const keys = path.join(dataDirectory, 'keys');
  const own = ['admin.key', 'database.json'].map((name) => path.join(dataDirectory, name)).filter((file) => existsSync(file));
  return [...own, ...(existsSync(keys) ? readdirSync(keys).map((name) => path.join(keys, name)) : [])];
}

/** The files that `file:` references name. A group may have been given one on purpose, so that only warns. */
export function examineReferences(config: object): Finding[] {
  const files = [...new Set(referencedFiles(config))];
  if (files.length === 0) return [];
  const exposed = files.flatMap((file): Finding[] => {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & OTHERS) === 0) return [];
    const [state, readers] = mode & WORLD ? (['fault', 'every user'] as const) : (['warn', 'its group'] as const);
    return [{ state, check: 'secret files', detail: `${file}, which the configuration names, is open to ${readers}; run chmod 600 on it` }];
  });
  if (exposed.length > 0) return exposed;
  return [{ state: 'ok', check: 'secret files', detail: `${files.length} named by the configuration, open to their owner alone` }];
}

function referencedFiles(value: unknown): string[] {
  if (value instanceof Secret) return value.file === undefined ? [] : [value.file];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(referencedFiles) : [];
}

/** Below `intake.minFreeBytes` intake refuses; at twice that it is time to look. */
export function examineDisk({ dataDirectory, database, intake }: Pick<ResolvedConfig, 'dataDirectory' | 'database' | 'intake'>): Finding {
  if (database.url) return { state: 'ok', check: 'disk', detail: 'that of an external database is not watched from here' };
  let folder = databaseFolder(dataDirectory);
  while (!existsSync(folder) && path.dirname(folder) !== folder) folder = path.dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const detail = `${Math.floor(free / 2 ** 20)} MiB free at ${folder}; intake refuses below ${Math.floor(intake.minFreeBytes / 2 ** 20)} MiB`;
  return { state: free < intake.minFreeBytes ? 'fault' : free < 2 * intake.minFreeBytes ? 'warn' : 'ok', check: 'disk', detail };
}
