import { CsvError, parse } from 'csv-parse/sync';
import { isJsonObject, type EntityFact } from '../kernel/index.js';
import { contextErrors } from './context.errors.js';
import type { ContextFile, RawRow } from './raw-row.js';
import { rowLines } from './row-lines.js';

type EntryType = EntityFact['type'];

/** The column that says which kind of rows a CSV file has, and that holds their id. */
const ID_COLUMNS: Readonly<Record<string, EntryType>> = { person_id: 'person', account_id: 'account', endpoint_id: 'endpoint' };
const MEMBERS: Readonly<Record<string, EntryType>> = { people: 'person', accounts: 'account', endpoints: 'endpoint' };

const LIST_COLUMNS = new Set(['aliases', 'tokens', 'hosts', 'addresses']);
const FLAG_COLUMNS = new Set(['break_glass']);
const FLAGS: Readonly<Record<string, boolean>> = { true: true, yes: true, '1': true, false: false, no: false, '0': false };

/** @throws CordonError `context.file_unreadable` */
export function readFile(file: ContextFile): RawRow[] {
  if (/\.csv$/i.test(file.name)) return readCsv(file);
  if (/\.json$/i.test(file.name)) return readJson(file);
  throw unreadable(file, 'its name ends neither in .csv nor in .json');
}

function readCsv(file: ContextFile): RawRow[] {
  let type: EntryType | undefined;
  const columns = (header: string[]): string[] => {
    const names = header.map((name) => name.trim().toLowerCase());
    const ids = names.filter((name) => Object.hasOwn(ID_COLUMNS, name));
    type = ids.length === 1 ? ID_COLUMNS[ids[0] ?? ''] : undefined;
    if (!type) throw unreadable(file, 'line 1: the header must have exactly one of person_id, account_id, endpoint_id');
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw unreadable(file, `line 1: the header has column ${JSON.stringify(twice)} twice`);
    return names.map((name) => (Object.hasOwn(ID_COLUMNS, name) ? 'id' : name));
  };
  const rows: RawRow[] = [];
  try {
    parse(file.content, {
      bom: true,
      columns,
      info: true,
      skip_empty_lines: true,
      trim: true,
      // Called for each row in turn; `lines` is the line on which the row ends.
      onRecord: ({ record, info }: { record: Record<string, string>; info: { lines: number } }) => {
        if (type) rows.push({ file: file.name, line: info.lines, type, value: fromCells(record) });
        return null;
      },
    });
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(file, error.message, error);
    throw error;
  }
  return rows;
}

/** A cell is text: an empty one states nothing, lists are separated by `;`. */
function fromCells(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const stated = Object.entries(record).filter(([, cell]) => cell !== '');
  return Object.fromEntries(
    stated.map(([name, cell]): [string, unknown] => {
      if (LIST_COLUMNS.has(name)) return [name, cell.split(';').map((item) => item.trim()).filter((item) => item !== '')];
      return [name, FLAG_COLUMNS.has(name) ? (FLAGS[cell.toLowerCase()] ?? cell) : cell];
    }),
  );
}

function readJson(file: ContextFile): RawRow[] {
  const text = file.content.replace(/^\uFEFF/, '');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw unreadable(file, `it is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`, error);
  }
  if (!isJsonObject(document)) throw unreadable(file, 'it must be an object with people, accounts, endpoints');
  const lines = rowLines(text);
  return Object.entries(document).flatMap(([member, items]) => {
    const type = Object.hasOwn(MEMBERS, member) ? MEMBERS[member] : undefined;
    if (!type) throw unreadable(file, `it has a member ${JSON.stringify(member)}; people, accounts and endpoints are known`);
    if (!Array.isArray(items)) throw unreadable(file, `${member} must be a list`);
    return items.map((value, index) => ({ file: file.name, line: lines.get(member)?.[index] ?? 1, type, value: isJsonObject(value) ? withoutNulls(value) : value }));
  });
}

const withoutNulls = (value: object): Record<string, unknown> => Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null));

const unreadable = ({ name }: ContextFile, detail: string, cause?: unknown) =>
  contextErrors.create('context.file_unreadable', { detail: `${name}: ${detail}`, field: name, ...(cause === undefined ? {} : { cause }) });
