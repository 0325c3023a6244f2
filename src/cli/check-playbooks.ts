import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ActionDescription } from '../kernel/index.js';
import { BUILT_INS } from '../respond/engine/built-ins.js';
import { checkPlaybookText } from '../respond/engine/check/index.js';
import type { Finding } from '../respond/engine/finding.js';
import { respondErrors } from '../respond/respond.errors.js';

export interface CheckedFile {
  readonly file: string;
  /** No errors; with `strict` no warnings either. */
  readonly ok: boolean;
  /** sha256 to which runs would be pinned; absent where the file is no playbook that runs. */
  readonly hash?: string;
  readonly findings: readonly Finding[];
}

const EXTENSIONS = ['.yml', '.yaml', '.json'];
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Checks playbook files, and with all their subfolders folders of `*.yaml`, `*.yml` and `*.json` but not `scenarios/`.
 * @throws {CordonError} `respond.playbook_invalid` for a path that cannot be read
 */
export async function* checkPlaybooks(paths: readonly string[], actions: readonly ActionDescription[], strict: boolean): AsyncGenerator<CheckedFile> {
  const known = [...BUILT_INS, ...actions];
  const files = new Map<string, string>();
  for (const given of paths) for (const file of await filesAt(given)) files.set(path.resolve(file), file);
  if (files.size === 0) throw respondErrors.create('respond.playbook_invalid', { detail: `${paths.join(', ')}: no *.yaml, *.yml or *.json in it` });
  for (const file of files.values()) {
    const checked = checkPlaybookText(await readText(file), known);
    yield { file, ok: strict ? checked.findings.length === 0 : checked.ok, ...(checked.ok ? { hash: checked.hash } : {}), findings: checked.findings };
  }
}

async function filesAt(given: string): Promise<string[]> {
  const status = await attempt(given, () => stat(given));
  if (!status.isDirectory()) return [given];
  const entries = await attempt(given, () => readdir(given, { withFileTypes: true }));
  const found: string[] = [];
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = path.join(given, entry.name);
    if (entry.name.startsWith('.') || (entry.isDirectory() && entry.name === 'scenarios')) continue;
    if (entry.isDirectory()) found.push(...(await filesAt(child)));
    else if (EXTENSIONS.includes(path.extname(entry.name).toLowerCase())) found.push(child);
  }
  return found;
}

/** @throws {CordonError} `respond.playbook_invalid` */
async function readText(file: string): Promise<string> {
  const { size } = await attempt(file, () => stat(file));
  if (size > MAX_BYTES) throw respondErrors.create('respond.playbook_invalid', { detail: `${file} has ${size} bytes; the limit is ${MAX_BYTES}` });
  return attempt(file, async () => new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)));
}

async function attempt<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw respondErrors.create('respond.playbook_invalid', { detail: `${file}: ${error instanceof Error ? error.message : String(error)}`, cause: error });
  }
}
