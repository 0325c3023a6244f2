import { z } from 'zod';
import { decodePageMark, encodePageMark, type PageMark, readInput, type InputFault } from '../platform/index.js';
import { clockOf, DECISIONS, type BreachCase, type Decision } from './breach-case.js';
import { breachErrors } from './breach.errors.js';
import type { CasePage } from './case-store.js';
import type { DutyState } from './engine/assess.js';
import { CLOCK_EVENTS, type ClockEvent } from './engine/regime.js';
import type { RegisteredRegime } from './regime-register.js';

const MAX_PAGE = 500;
const MAX_TEXT = 10_000;

const text = z.string().trim().min(1).max(MAX_TEXT);
const instant = z.iso.datetime({ offset: true }).transform((written) => new Date(written));

const listQuery = z.strictObject({
  open: z.enum(['true', 'false']).optional(),
  after: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
});
const eventBody = z.strictObject({ kind: z.enum(CLOCK_EVENTS), at: instant, why: text });
const findingBody = z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'is no name such as eu_risk'), value: z.string().trim().min(1).max(200), why: text });
const closeBody = z.strictObject({ decision: z.enum(DECISIONS), reason: text });
const reasonBody = z.strictObject({ reason: text });

/** Query of GET /v1/breach-cases. @throws CordonError `breach.request_invalid` */
export function parseCaseQuery(query: unknown): CasePage {
  const { open, after, limit } = read(listQuery, query);
  return { open: open === undefined ? undefined : open === 'true', after: after === undefined ? undefined : decodePageMark(after, refuse), limit };
}

// Bodies of POST /v1/breach-cases/:id/… and /v1/regimes/:id/…; each throws CordonError `breach.request_invalid`, naming the member.
export const parseEvent = (body: unknown): { kind: ClockEvent; at: Date; why: string } => read(eventBody, body);
export const parseFinding = (body: unknown): { name: string; value: string; why: string } => read(findingBody, body);
export const parseClose = (body: unknown): { decision: Decision; reason: string } => read(closeBody, body);
export const parseReason = (body: unknown): { reason: string } => read(reasonBody, body);

const refuse = (fault: InputFault) => breachErrors.create('breach.request_invalid', fault);
const read = <T extends z.ZodType>(schema: T, input: unknown): z.output<T> => readInput(schema, input, refuse);

export function toCaseResponse(breachCase: BreachCase) {
  const { closed } = breachCase;
  return {
    id: breachCase.id,
    incident: breachCase.incidentId,
    episode: breachCase.episode,
    status: closed ? 'closed' : 'open',
    opened_at: breachCase.openedAt.toISOString(),
    opened_by: breachCase.openedBy,
    closed_at: closed?.at.toISOString() ?? null,
    decision: closed?.decision ?? null,
    reason: closed?.reason ?? null,
  };
}

export function toCasePage({ cases, next }: { cases: readonly BreachCase[]; next: PageMark | undefined }) {
  return { cases: cases.map(toCaseResponse), next: next ? encodePageMark(next) : null };
}

export function toCaseDetail({ breachCase, duties }: { breachCase: BreachCase; duties: readonly DutyState[] }) {
  return {
    ...toCaseResponse(breachCase),
    duties: duties.map(toDutyResponse),
    events: breachCase.events.map(({ kind, at, basis, why, recordedAt, recordedBy }) => ({ kind, at: at.toISOString(), basis, why, recorded_at: recordedAt.toISOString(), recorded_by: recordedBy })),
    findings: breachCase.findings.map(({ name, value, why, recordedAt, recordedBy }) => ({ name, value, why, recorded_at: recordedAt.toISOString(), recorded_by: recordedBy })),
  };
}

export function toDutyResponse(state: DutyState) {
  const { duty, regime, start, trace, zone, grade } = state;
  return {
    ...clockOf(state),
    regime_version: regime.version,
    provision: duty.provision,
    recipient: duty.recipient,
    content: duty.content,
    starts_with: duty.startsWith,
    started_at: start?.at.toISOString() ?? null,
    basis: start?.basis ?? null,
    zone,
    grade,
    reason: trace,
  };
}

export function toRegimeResponse({ regime, act }: RegisteredRegime) {
  return {
    id: regime.id,
    version: regime.version,
    title: regime.title,
    jurisdiction: regime.jurisdiction,
    source: regime.source,
    effective_from: regime.effectiveFrom,
    effective_to: regime.effectiveTo,
    status: act === null ? 'proposed' : act.enabled ? 'enabled' : 'disabled',
    decided_by: act?.by ?? null,
    decided_at: act?.at.toISOString() ?? null,
    reason: act?.reason ?? null,
    duties: regime.duties.map(({ id, title, provision, startsWith, grade }) => ({ id, title, provision, starts_with: startsWith, grade })),
    findings: regime.findings,
  };
}
