import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { backupErrors } from './backup.errors.js';

const FORMAT = 1;
const name = z.string().regex(/^[a-z_][a-z0-9_]*$/);

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  createdAt: z.iso.datetime(),
  /** Migrations that the schema had. */
  migrations: z.array(z.string()),
  tables: z.array(z.object({
    name,
    columns: z.array(name).min(1),
    /** Days (YYYYMMDD) of a partitioned table. */
    days: z.array(z.string().regex(/^\d{8}$/)),
    rows: z.int().nonnegative(),
    /** Sum of the rows' hashes, see RowHash. */
    rowHash: z.string().regex(/^[0-9a-f]{64}$/),
  })),
  sequences: z.array(z.object({ name, value: z.string().regex(/^\d+$/).nullable() })),
});

/** What a backup holds. Each table is a file `<table>.copy.gz` beside it, in COPY's text format. */
export type BackupManifest = z.output<typeof manifestSchema>;

export const MANIFEST_FILE = 'manifest.json';
export const MANIFEST_FORMAT = FORMAT;

export const tableFile = (folder: string, table: string): string => path.join(folder, `${table}.copy.gz`);

/** @throws CordonError `platform.backup_unreadable` */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const file = path.join(folder, MANIFEST_FILE);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    throw backupErrors.create('platform.backup_unreadable', { detail: `${file}: ${why}`, cause: error });
  }
}
