import { ECS_VERSION } from '../sdk/index.js';
import { isJsonObject, type Fact, type FactBodies, type JsonObject, type JsonValue, type Level, type SinkDocument } from '../kernel/index.js';

const SEVERITY: Readonly<Record<Level, number>> = { informational: 21, low: 21, medium: 47, high: 73, critical: 99 };

/** Facts about the pipeline's own records stay here: the SIEM has the events. */
const OWN = /^pipeline_error\./;

/** A fact as an ECS document: what can be named in ECS stands there, the whole body below `cordon.fact`. Undefined for facts of no use to a SIEM. */
export function factDocument(fact: Fact): SinkDocument | undefined {
  if (OWN.test(fact.type)) return undefined;
  const [family = 'fact'] = fact.type.split('.');
  const dataset = `cordon.${family}`;
  const doc: JsonObject = {
    '@timestamp': fact.at.toISOString(),
    ecs: { version: ECS_VERSION },
    event: { id: fact.id, kind: family === 'signal' ? 'signal' : 'event', module: 'cordon', dataset, action: fact.type, created: fact.at.toISOString() },
    observer: { vendor: 'Cordon', product: 'Cordon', type: 'soar' },
    cordon: { fact: fact.body, subject: fact.subject },
  };
  const described = fact.type === 'signal.fired' ? ofSignal(fact.body as FactBodies['signal.fired']) : ofIncident(fact.body);
  return { id: fact.id, dataset, doc: merge(doc, described) };
}

function ofSignal({ ruleId, ruleTitle, level, tags, first, last, entities }: FactBodies['signal.fired']): JsonObject {
  return {
    message: ruleTitle,
    event: { severity: SEVERITY[level], start: first, end: last },
    rule: { id: ruleId, name: ruleTitle },
    tags,
    related: relatedTo(entities),
  };
}

/** Facts of incidents, runs, approvals and cases carry the incident's id, and some its state. */
function ofIncident(body: JsonObject): JsonObject {
  const { incident, incidentId } = body;
  const id: JsonObject = typeof incidentId === 'string' ? { labels: { incident: incidentId } } : {};
  if (!isJsonObject(incident)) return id;
  const { title, level, tags, risk, subject } = incident;
  return {
    ...id,
    ...(typeof title === 'string' ? { message: title } : {}),
    ...(Array.isArray(tags) ? { tags } : {}),
    event: {
      ...(typeof level === 'string' && level in SEVERITY ? { severity: SEVERITY[level as Level] } : {}),
      ...(typeof risk === 'number' ? { risk_score: risk } : {}),
    },
    ...(isJsonObject(subject) ? { related: relatedTo(subjectEntities(subject)) } : {}),
  };
}

function subjectEntities({ type, id, accounts }: JsonObject): { type: string; value: string }[] {
  const names = Array.isArray(accounts) ? accounts.filter((name) => typeof name === 'string') : [];
  return [...(typeof type === 'string' && typeof id === 'string' ? [{ type, value: id }] : []), ...names.map((value) => ({ type: 'account', value }))];
}

function relatedTo(entities: readonly { readonly type: string; readonly value: string }[]): JsonObject {
  const valuesOf = (...types: string[]) => [...new Set(entities.filter(({ type }) => types.includes(type)).map(({ value }) => value))];
  const related = { user: valuesOf('person', 'account'), ip: valuesOf('ip'), hosts: valuesOf('host') };
  return Object.fromEntries(Object.entries(related).filter(([, values]) => values.length > 0));
}

function merge(base: JsonObject, more: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(more)) {
    const before: JsonValue | undefined = merged[key];
    merged[key] = isJsonObject(before) && isJsonObject(value) ? merge(before, value) : value;
  }
  return merged;
}
