import { z } from 'zod';
import { ENTITY_TYPES, type EntityFact, type EntityRef, type ManagerChain, type PersonFact, type Unknown } from '../kernel/index.js';
import { readInput } from '../platform/index.js';
import { contextErrors } from './context.errors.js';
import type { ImportReport, ImportRequest } from './importer.js';

const MAX_NAME = 512;
const MAX_FILES = 20;

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text)).optional();

/** Name of an import source. */
const sourceName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be lower-case letters, digits, dot, hyphen, underscore, at most 64');

const importBody = z.strictObject({
  source: sourceName,
  skip_bad_rows: z.boolean().default(false),
  files: z.array(z.strictObject({ name: z.string().min(1).max(MAX_NAME), content: z.string() })).min(1).max(MAX_FILES),
});
const importQuery = z.strictObject({ check: z.enum(['true', 'false']).default('false') });
const personQuery = z.strictObject({ at: time });
const resolveQuery = z.strictObject({ type: z.enum(ENTITY_TYPES), value: z.string().min(1).max(MAX_NAME), system: z.string().min(1).max(MAX_NAME).optional(), at: time });

const read = <T extends z.ZodType>(schema: T, input: unknown): z.output<T> => readInput(schema, input, (fault) => contextErrors.create('context.request_invalid', fault));

/** Query and body of POST /v1/context/import. @throws CordonError `context.request_invalid` */
export function parseImport(query: unknown, body: unknown, actor: string): ImportRequest {
  const { check } = read(importQuery, query);
  const { source, skip_bad_rows: skipBadRows, files } = read(importBody, body);
  return { source, files, check: check === 'true', skipBadRows, actor };
}

/** The same name rule for the command line. @throws CordonError `context.request_invalid` */
export function parseSourceName(name: string): string {
  return read(z.object({ source: sourceName }), { source: name }).source;
}

/** Query of GET /v1/context/people/:id. @throws CordonError `context.request_invalid` */
export function parseAt(query: unknown): { at?: Date } {
  const { at } = read(personQuery, query);
  return at ? { at } : {};
}

/** Query of GET /v1/context/resolve. @throws CordonError `context.request_invalid` */
export function parseResolve(query: unknown): { entity: EntityRef; at?: Date } {
  const { type, value, system, at } = read(resolveQuery, query);
  return { entity: { type, value, ...(system === undefined ? {} : { system }) }, ...(at ? { at } : {}) };
}

export function toImportResponse({ source, applied, at, rows, changes, rejectedRows, findingCount, findings, warnings }: ImportReport) {
  return { source, applied, at: at?.toISOString() ?? null, rows, changes, rejected_rows: rejectedRows, finding_count: findingCount, findings, warnings };
}

/** A fact or the reason why there is none, in snake case. */
export function toAnswer(answer: EntityFact | Unknown): Record<string, unknown> {
  if (!answer.known) return { ...answer };
  const { asOf, ...rest } = answer;
  const provenance = { as_of: asOf.toISOString() };
  if (rest.type === 'account') return { ...provenance, ...renamed(rest) };
  if (rest.type === 'endpoint') return { ...provenance, ...renamed(rest) };
  const { via, ...person } = rest;
  return { ...provenance, ...renamed(person), ...(via && { via: { account: via.account, system: via.system, source: via.source, as_of: via.asOf.toISOString() } }) };
}

export function toPersonResponse(person: PersonFact, { managers, end }: ManagerChain) {
  return { ...toAnswer(person), managers: managers.map(toAnswer), managers_end: end === 'top' ? { known: true } : toAnswer(end) };
}

const renamed = (fact: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fact).map(([name, value]: [string, unknown]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]));
