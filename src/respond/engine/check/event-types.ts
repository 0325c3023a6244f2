import { ENTITY_TYPES, INCIDENT_STATUSES, VERDICTS, ACTION_ERROR_CODES, type ActionDescription } from '../../../kernel/index.js';
import { ANY, ANY_MAP, unite, type CelType } from '../expression/index.js';
import { schemaType } from './schema-type.js';

const TEXT: CelType = { kind: 'string' };
const NUMBER: CelType = { kind: 'double' };
const NULL: CelType = { kind: 'null' };
const TEXTS: CelType = { kind: 'list', items: TEXT };
const oneOf = (values: readonly string[]): CelType => ({ kind: 'string', values });
const map = (properties: Readonly<Record<string, CelType>>): Extract<CelType, { kind: 'map' }> => ({ kind: 'map', properties, additional: undefined });
const event = (name: string, properties: Readonly<Record<string, CelType>>): CelType => map({ type: oneOf([name]), ...properties });

/** `IncidentSnapshot` of the kernel. */
const INCIDENT = map({
  id: TEXT, episode: NUMBER, status: oneOf(INCIDENT_STATUSES), title: TEXT, level: oneOf(['informational', 'low', 'medium', 'high', 'critical']), risk: NUMBER, tags: TEXTS,
  subject: map({ type: oneOf([...ENTITY_TYPES, 'rule']), id: TEXT, accounts: TEXTS }),
  first: TEXT, last: TEXT, signalCount: NUMBER, rules: TEXTS, sources: TEXTS, assignee: unite([TEXT, NULL]), verdict: unite([oneOf(VERDICTS), NULL]),
});
const ABOUT = { incidentId: TEXT, episode: NUMBER, incident: INCIDENT };

/** Events that a run can be sent (rule 13), by name. */
const EVENTS: Readonly<Record<string, CelType>> = {
  // The signal stands in it as its fact carries it; members of it come and go with the rule's kind.
  'signal.added': { ...map({ type: oneOf(['signal.added']) }), additional: ANY },
  'incident.merged': event('incident.merged', { ...ABOUT, by: TEXT, into: TEXT, intoEpisode: NUMBER, reason: TEXT }),
  'incident.closed': event('incident.closed', { ...ABOUT, by: TEXT, verdict: oneOf(VERDICTS), reason: TEXT }),
  'incident.reopened': event('incident.reopened', { ...ABOUT, by: TEXT, signalIds: TEXTS, reason: TEXT }),
  'approval.decided': { ...map({ type: oneOf(['approval.decided']), approvalId: TEXT, decision: oneOf(['approved', 'refused', 'expired']), by: TEXTS, reason: TEXT }), additional: ANY },
};

export const EVENT_NAMES = Object.keys(EVENTS);
const MANUAL = /^manual\.[A-Za-z][\w-]*$/;

/** The type of an event of the catalogue, undefined where there is none of that name. */
export function eventType(name: string): CelType | undefined {
  if (MANUAL.test(name)) return { ...map({ type: oneOf([name]) }), additional: ANY };
  return Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined;
}

/** The event that starts a run. */
export function triggerType(on: 'incident.opened' | 'incident.updated' | 'manual'): CelType {
  if (on === 'manual') return { ...map({ type: TEXT, incident: unite([INCIDENT, NULL]) }), additional: ANY };
  return event(on, { ...ABOUT, signalIds: TEXTS });
}

/** `event` of an `after`. */
export const TIMER_EVENT: CelType = { ...map({ due: TEXT, lateMs: NUMBER, type: TEXT }), additional: undefined };

/** `event` of `onDone` of a compound or parallel state, and of what has no event of its own. */
export const ANY_EVENT: CelType = ANY_MAP;

/** `event` of an invoke's `onDone` (rules 7, 11 and 12): the output of a built-in has its members beside. */
export function doneType(action: ActionDescription | undefined): CelType {
  const result = action ? schemaType(action.result) : ANY;
  const beside = action?.id.startsWith('core.') && result.kind === 'map' ? result.properties : {};
  const verify = map({ state: oneOf(['verified', 'not', 'unverifiable']), residual_access_until: unite([TEXT, NULL]), why: TEXT });
  return map({ type: TEXT, output: map({ ...beside, result, verify, already: { kind: 'bool' }, attempts: NUMBER }) });
}

/** `event` of an invoke's `onError` (rule 8). */
export const ERROR_EVENT: CelType = map({
  type: TEXT,
  error: map({ code: oneOf(ACTION_ERROR_CODES), message: TEXT, retryable: { kind: 'bool' }, attempts: NUMBER, wouldHave: ANY }),
});
