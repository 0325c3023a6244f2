import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { contextErrors } from './context.errors.js';
import { MAX_IMPORT_BYTES } from './importer.js';
import type { ContextFile } from './raw-row.js';

/** Reads the files of an import from disk, none that is over the limit. @throws CordonError `context.file_unreadable`, `context.import_too_large` */
export async function loadFiles(paths: readonly string[]): Promise<ContextFile[]> {
  const files: ContextFile[] = [];
  for (const path of paths) {
    const size = await attempt(path, async () => (await stat(path)).size);
    if (size > MAX_IMPORT_BYTES) throw contextErrors.create('context.import_too_large', { field: path, detail: `${path}: ${size} bytes` });
    const bytes = await attempt(path, () => readFile(path));
    if (!isUtf8(bytes)) throw contextErrors.create('context.file_unreadable', { field: path, detail: `${path}: it is not UTF-8` });
    files.push({ name: path, content: bytes.toString('utf8') });
  }
  return files;
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw contextErrors.create('context.file_unreadable', { field: path, detail: `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, cause });
  }
}
