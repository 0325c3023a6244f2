import type { z } from 'zod';
import { isJsonObject, type JsonObject } from '../kernel/index.js';
import type { EcsDraft } from './mapping/ecs-draft.js';
import { recordErrors } from './record.errors.js';

/**
 * Turns the text of one record into fields. Throws an error of the record catalogue when it cannot; `report` takes what a
 * reader of the document should know of a record that was readable in part.
 */
export type RecordParser = (text: string, report: ParseReport) => JsonObject;

export type ParseReport = Pick<EcsDraft, 'warn' | 'unmapped'>;

/** A record that is one JSON object. */
export const jsonObject: RecordParser = (text) => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw recordErrors.create('record.invalid_json', { detail: error instanceof Error ? error.message : String(error), cause: error });
  }
  if (!isJsonObject(value)) throw recordErrors.create('record.not_an_object', { detail: `it is ${Array.isArray(value) ? 'an array' : `the value ${String(value)}`}` });
  return value;
};

/** A record that is either a JSON object or a line of text in one of the formats of `readers`, tried in order. */
export function jsonOrLine(...readers: readonly ((line: string) => JsonObject | undefined)[]): RecordParser {
  return (text, report) => {
    const line = text.trim();
    if (line.startsWith('{')) return jsonObject(line, report);
    for (const read of readers) {
      const fields = read(line);
      if (fields) return fields;
    }
    throw recordErrors.create('record.unreadable_line', { detail: `it starts with ${JSON.stringify(line.slice(0, 40))}` });
  };
}

/**
 * A JSON object that follows a schema, for formats of our own. A wrong or missing value below one of the `required` keys makes
 * the record unreadable; any other value that breaks the schema is set aside below `cordon.unmapped.record` and the rest goes on.
 */
export function jsonBySchema(schema: z.ZodObject, required: readonly string[]): RecordParser {
  return (text, report) => {
    const record = jsonObject(text, report);
    const { error } = schema.safeParse(record);
    for (const issue of error?.issues ?? []) {
      const path = issue.path.map(String);
      if (path[0] !== undefined && required.includes(path[0])) {
        throw recordErrors.create('record.missing_field', { detail: `${path.join('.')}: ${issue.message}`, field: path.join('.') });
      }
      if (issue.code === 'unrecognized_keys') report.warn(`${[...path, issue.keys.join(', ')].join('.').slice(0, 200)}: not in the format, left in event.original alone`);
      else setAside(record, path, issue.message, report);
    }
    return record;
  };
}

/** Takes the value at a path that the schema names out of the record. */
function setAside(record: JsonObject, path: readonly string[], message: string, report: ParseReport): void {
  let holder: unknown = record;
  for (const key of path.slice(0, -1)) holder = (holder as Record<string, unknown>)[key];
  const last = path.at(-1);
  if (last === undefined || typeof holder !== 'object' || holder === null) return;
  const fields = holder as Record<string, unknown>;
  report.unmapped(['record', ...path].join('.'), fields[last], message);
  fields[last] = null;
}
