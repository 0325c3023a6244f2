import { z } from 'zod';
import { canonicalJson, type JsonValue } from '../kernel/index.js';
import { auditErrors } from './audit.errors.js';
import type { ChainEntry } from './chain-entry.js';
import type { ChainItem, ChainReader } from './chain-reader.js';
import { checkpointSchema } from './checkpoint.js';
import type { Finding } from './finding.js';

const FORMAT = 'cordon-audit-export/1';
const PIECE = 64 * 1024;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** It comes from JSON, and a schema that walks through it would lose a member such as `__proto__`. */
const json = z.custom<JsonValue>((value) => value !== undefined);
const place = { seq: z.int().positive(), id: z.string(), prev: hash, hash };
const headerSchema = z.strictObject({ type: z.literal('header'), format: z.literal(FORMAT), exported_at: z.string(), after: z.strictObject({ seq: z.int().nonnegative(), hash }) });
const lineSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('entry'), ...place, at: z.string(), action: z.string(), actor: z.string(), target: z.string(), detail: json }),
  z.strictObject({ type: z.literal('gone'), ...place }),
  z.strictObject({ type: z.literal('checkpoint'), checkpoint: checkpointSchema }),
  z.strictObject({ type: z.literal('end'), entries: z.int().nonnegative() }),
]);

/** First line of an export: where the chain stands before its first entry. */
export type ExportHeader = z.output<typeof headerSchema>;

/**
 * The chain as NDJSON, each line canonical JSON: a header, entries and checkpoints in order, and a last line that shows
 * that the file is whole. In pieces of some lines.
 * @param from number of the first entry, at least 1
 * @throws CordonError `audit.request_invalid` where there is no such entry
 */
export async function* exportChain(reader: ChainReader, from: number, now: Date): AsyncGenerator<string> {
  const after = await reader.before(from);
  const header: ExportHeader = { type: 'header', format: FORMAT, exported_at: now.toISOString(), after };
  let piece = line(header);
  let entries = 0;
  for await (const item of reader.items(after.seq, await reader.extent())) {
    piece += line(item.entry ? entryLine(item.entry) : { type: 'checkpoint', checkpoint: item.checkpoint });
    if (item.entry) entries++;
    if (piece.length >= PIECE) {
      yield piece;
      piece = '';
    }
  }
  yield piece + line({ type: 'end', entries });
}

const line = (value: JsonValue): string => `${canonicalJson(value)}\n`;

function entryLine({ content, ...where }: ChainEntry): JsonValue {
  return content ? { type: 'entry', ...where, ...content } : { type: 'gone', ...where };
}

/** One step of a file: what an export holds, or what is wrong with the file itself. */
export type FileItem = ChainItem | { readonly finding: Finding; readonly entry?: undefined; readonly checkpoint?: undefined };

/** @throws CordonError `audit.file_unreadable` where the file does not begin like an export */
export function readHeader(text: string): ExportHeader {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch (error) {
    throw auditErrors.create('audit.file_unreadable', { detail: 'line 1 is not the header of an export', cause: error });
  }
}

/** The lines behind the header. A line must be written exactly as an export writes it, so that no reader sees another value. */
export async function* readExport({ after }: ExportHeader, lines: AsyncIterable<string>): AsyncGenerator<FileItem> {
  let seq = after.seq;
  let number = 1;
  let ended = false;
  const found = (kind: Finding['kind'], detail: string): FileItem => ({ finding: { kind, seq: seq + 1, id: null, detail } });
  for await (const text of lines) {
    number++;
    const parsed = parseLine(text);
    if (ended) {
      yield found('inserted', `line ${number} stands behind the end of the export`);
    } else if (!parsed) {
      yield found('changed', `line ${number} is not as an export writes it`);
    } else if (parsed.type === 'end') {
      ended = true;
      if (parsed.entries !== seq - after.seq) yield found('truncated', `the export states ${parsed.entries} entries, the file ends at ${seq}`);
    } else if (parsed.type === 'checkpoint') yield { checkpoint: parsed.checkpoint };
    else {
      seq = parsed.seq;
      yield { entry: toEntry(parsed) };
    }
  }
  if (!ended) yield found('truncated', 'the file breaks off before the end of the export');
}

type Line = z.output<typeof lineSchema>;

function parseLine(text: string): Line | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return canonicalJson(value) === text ? lineSchema.parse(value) : undefined;
  } catch {
    return undefined;
  }
}

function toEntry(parsed: Extract<Line, { type: 'entry' | 'gone' }>): ChainEntry {
  const { seq, id, prev, hash: own } = parsed;
  if (parsed.type === 'gone') return { seq, id, prev, hash: own, content: undefined };
  const { at, action, actor, target, detail } = parsed;
  return { seq, id, prev, hash: own, content: { at, action, actor, target, detail } };
}
