import { z } from 'zod';
import { auditErrors } from './audit.errors.js';
import type { ChainEntry } from './chain-entry.js';
import type { EntryQuery } from './chain-reader.js';

const MAX_PAGE = 500;
const DEFAULT_PAGE = 100;
const MAX_NAME = 512;

const name = z.string().min(1).max(MAX_NAME).optional();
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text)).optional();
const number = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);

const listQuery = z.strictObject({
  actor: name,
  action: name,
  target: name,
  from: time,
  to: time,
  after: number.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
});
const exportQuery = z.strictObject({ from_seq: number.default(1) });

/** Query of GET /v1/audit. @throws CordonError `audit.request_invalid`, naming the parameter */
export function parseEntryQuery(query: unknown): EntryQuery {
  const { actor, action, target, from, to, after: before, limit } = read(listQuery, query);
  return { actor, action, target, from, to, before, limit };
}

/** Query of GET /v1/audit/export: number of the first entry. @throws CordonError `audit.request_invalid` */
export const parseExportQuery = (query: unknown): number => read(exportQuery, query).from_seq;

function read<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : (issue?.path.join('.') ?? '');
  throw auditErrors.create('audit.request_invalid', { field, detail: `${field}: ${issue?.message ?? 'cannot be used'}` });
}

/** An entry as the API gives it: its members are what its hash covers. */
export const toEntryResponse = ({ seq, id, prev, hash, content }: ChainEntry) => ({ seq, id, ...content, prev, hash });

export type EntryResponse = ReturnType<typeof toEntryResponse>;
