import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { refuse } from './rule-findings.js';

/** A rule file that was read, or the reason why its bytes are no text. */
export type RuleFile = { readonly file: string; readonly text: string } | { readonly file: string; readonly problem: string };

const EXTENSIONS = ['.yml', '.yaml'];
const MAX_BYTES = 16 * 1024 * 1024;
/** Tests that stand beside the rules. */
const TESTS = /\.tests\.ya?ml$/i;

/**
 * Reads rule files and, with all their subfolders, folders of `*.yml` and `*.yaml` but not `*.tests.yml`, each file once and in the order of names.
 * @throws {CordonError} `rules.not_readable` for a path that does not exist or may not be read
 */
export async function readRuleFiles(paths: readonly string[]): Promise<RuleFile[]> {
  const files = new Map<string, string>();
  for (const given of paths) for (const file of await filesAt(given)) files.set(path.resolve(file), file);
  const read: RuleFile[] = [];
  // one after the other: a large rule pack has more files than a process may hold open
  for (const file of files.values()) read.push(await readRuleFile(file));
  return read;
}

async function filesAt(given: string): Promise<string[]> {
  const status = await attempt(given, () => stat(given));
  if (!status.isDirectory()) return [given];
  const entries = await attempt(given, () => readdir(given, { withFileTypes: true }));
  const found = await Promise.all([...entries]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter(({ name }) => !name.startsWith('.'))
    .filter((entry) => entry.isDirectory() || (EXTENSIONS.includes(path.extname(entry.name).toLowerCase()) && !TESTS.test(entry.name)))
    .map((entry) => {
      const child = path.join(given, entry.name);
      return entry.isDirectory() ? filesAt(child) : Promise.resolve([child]);
    }));
  return found.flat();
}

async function readRuleFile(file: string): Promise<RuleFile> {
  const bytes = await attempt(file, () => readFile(file));
  if (bytes.length > MAX_BYTES) return { file, problem: `the file has ${bytes.length} bytes; the limit is ${MAX_BYTES}` };
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { file, problem: 'the file is not UTF-8 text' };
  }
}

async function attempt<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    refuse('rules.not_readable', `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
