import { z } from 'zod';
import { entityKey, ENTITY_TYPES, INCIDENT_STATUSES, VERDICTS, type EntityType, type IncidentStatus, type SubjectType } from '../kernel/index.js';
import { decodePageMark, readInput, type InputFault, type PageMark } from '../platform/index.js';
import type { IncidentDetail } from './incident-reader.js';
import { incidentErrors } from './incident.errors.js';
import { subjectOf, type Incident } from './incident.js';

const MAX_PAGE = 500;
const DEFAULT_PAGE = 100;
const MAX_TEXT = 10_000;

const listQuery = z.strictObject({
  status: z.enum(INCIDENT_STATUSES).optional(),
  entity: z.string().min(1).optional(),
  min_risk: z.coerce.number().int().min(0).max(100).default(0),
  after: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
});

const text = z.string().trim().min(1).max(MAX_TEXT);
const triageBody = z.strictObject({ note: z.string().trim().max(MAX_TEXT).default('') });
const closeBody = z.strictObject({ verdict: z.enum(VERDICTS), reason: text });
const reasonBody = z.strictObject({ reason: text });
const assignBody = z.strictObject({ assignee: z.string().trim().min(1).max(200).nullable() });
const commentBody = z.strictObject({ text });
const mergeBody = z.strictObject({ from: z.uuid(), reason: text });

export interface IncidentQuery {
  readonly status: IncidentStatus | undefined;
  readonly entity: { readonly type: SubjectType | undefined; readonly key: string } | undefined;
  readonly minRisk: number;
  readonly after: PageMark | undefined;
  readonly limit: number;
}

/** Query of GET /v1/incidents. @throws CordonError `incident.request_invalid`, naming the parameter */
export function parseIncidentQuery(query: unknown): IncidentQuery {
  const { status, entity, min_risk: minRisk, after, limit } = read(listQuery, query);
  return { status, minRisk, limit, entity: entity === undefined ? undefined : readEntity(entity), after: after === undefined ? undefined : decodePageMark(after, refuse) };
}

// Bodies of POST /v1/incidents/:id/…; each throws CordonError `incident.request_invalid`, naming the member.
export const parseTriage = (body: unknown) => read(triageBody, body ?? {});
export const parseClose = (body: unknown) => read(closeBody, body ?? {});
export const parseReopen = (body: unknown) => read(reasonBody, body ?? {});
export const parseAssign = (body: unknown) => read(assignBody, body ?? {});
export const parseComment = (body: unknown) => read(commentBody, body ?? {});
export const parseMerge = (body: unknown) => read(mergeBody, body ?? {});

/** `account:ann@example.com`, or a name alone for an entity of any type. */
function readEntity(entity: string): { type: SubjectType | undefined; key: string } {
  const colon = entity.indexOf(':');
  const type = ENTITY_TYPES.find((name) => name === entity.slice(0, colon));
  if (type) return { type, key: keyOf(type, entity.slice(colon + 1)) };
  if (entity.startsWith('rule:')) return { type: 'rule', key: entity.slice('rule:'.length) };
  return { type: undefined, key: keyOf('account', entity) };
}

const keyOf = (type: EntityType, value: string): string => entityKey({ type, value });

const refuse = (fault: InputFault) => incidentErrors.create('incident.request_invalid', fault);
const read = <T extends z.ZodType>(schema: T, input: unknown): z.output<T> => readInput(schema, input, refuse);

/** An incident as the API gives it: snake case, ISO times. */
export function toIncidentResponse(incident: Incident) {
  const { first, last, openedAt, updatedAt, closedAt, grounds } = incident;
  return {
    id: incident.id,
    status: incident.status,
    episode: incident.episode,
    title: incident.title,
    level: incident.level,
    risk: incident.risk,
    risk_parts: incident.riskParts,
    subject: subjectOf(incident),
    tags: incident.tags,
    rules: grounds.rules,
    sources: grounds.sources,
    signal_count: incident.signalCount,
    first: first.toISOString(),
    last: last.toISOString(),
    opened_at: openedAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    closed_at: closedAt?.toISOString() ?? null,
    verdict: incident.verdict,
    assignee: incident.assignee,
    merged_into: incident.mergedInto,
  };
}

export function toIncidentDetailResponse({ incident, signals, timeline }: IncidentDetail) {
  return {
    ...toIncidentResponse(incident),
    entities: incident.entities.map(({ type, value, subject }) => ({ type, value, subject })),
    signals: signals.map((signal) => ({
      id: signal.signal_id,
      episode: signal.episode,
      rule: { id: signal.rule_id, title: signal.title },
      level: signal.level,
      first: signal.first_at.toISOString(),
      last: signal.last_at.toISOString(),
      added_at: signal.added_at.toISOString(),
    })),
    timeline: timeline.map(({ position, type, at, body: { incidentId, episode, incident: _state, ...detail } }) => ({ position, at: at.toISOString(), type, incident: incidentId ?? null, episode: episode ?? null, detail })),
  };
}

export type IncidentResponse = ReturnType<typeof toIncidentResponse>;
export type IncidentDetailResponse = ReturnType<typeof toIncidentDetailResponse>;
