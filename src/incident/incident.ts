import {
  CRITICALITIES, type Criticality, type IncidentSnapshot, type IncidentStatus, type Level, type SubjectType, type Verdict,
} from '../kernel/index.js';
import { riskOf, type Grounds, type RiskPart } from './risk.js';

/** An entity of an incident or of one of its signals. */
export interface IncidentEntity {
  readonly type: SubjectType;
  /** Form in which two spellings of a name are equal. */
  readonly key: string;
  readonly value: string;
  /** Whether signals are grouped by it; else it is only involved. */
  readonly subject: boolean;
}

/** A signal with what grouping and risk need to know of it. */
export interface IncidentSignal {
  readonly id: string;
  readonly ruleId: string;
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  readonly first: Date;
  readonly last: Date;
  readonly entities: readonly IncidentEntity[];
  readonly grounds: Grounds;
}

/** Signals of one subject that belong together in time. What follows from its signals does not depend on their order. */
export interface Incident {
  readonly id: string;
  readonly status: IncidentStatus;
  readonly episode: number;
  /** Title of the rule that opened it, of the highest level where several did at once. */
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  readonly grounds: Grounds;
  readonly risk: number;
  readonly riskParts: readonly RiskPart[];
  readonly signalCount: number;
  readonly first: Date;
  readonly last: Date;
  readonly openedAt: Date;
  readonly updatedAt: Date;
  readonly closedAt: Date | null;
  readonly verdict: Verdict | null;
  readonly assignee: string | null;
  readonly mergedInto: string | null;
  readonly entities: readonly IncidentEntity[];
}

export const entityId = ({ type, key }: Pick<IncidentEntity, 'type' | 'key'>): string => `${type}:${key}`;

const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];
const SUBJECT_ORDER: readonly SubjectType[] = ['person', 'account', 'token', 'ip', 'host', 'endpoint', 'rule'];

/** Signals in the order in which an incident tells of them: by event time. */
export const inEventOrder = (a: IncidentSignal, b: IncidentSignal): number => a.first.getTime() - b.first.getTime() || (a.id < b.id ? -1 : Number(a.id > b.id));

/** The first episode of an incident out of at least one signal. */
export function openIncident(id: string, signals: readonly IncidentSignal[], now: Date): Incident {
  const [headline] = [...signals].sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || inEventOrder(a, b));
  if (!headline) throw new Error('an incident needs a signal');
  const opened: Incident = {
    // with itself: the same form as of any more that join
    ...unite(headline, headline),
    id, title: headline.title, status: 'open', episode: 1, risk: 0, riskParts: [], signalCount: 1,
    openedAt: now, updatedAt: now, closedAt: null, verdict: null, assignee: null, mergedInto: null,
  };
  return assess(signals.filter((signal) => signal !== headline).reduce(withSignal, opened), now);
}

/** An incident with more signals. */
export function extendIncident(incident: Incident, signals: readonly IncidentSignal[], now: Date): Incident {
  return assess(signals.reduce(withSignal, incident), now);
}

/** What remains of two incidents that turn out to be one: `target` with all of `absorbed`, and `absorbed` as its history. */
export function mergeIncidents(target: Incident, absorbed: Incident, now: Date): { target: Incident; absorbed: Incident } {
  const united: Incident = {
    ...target,
    ...unite(target, absorbed),
    signalCount: target.signalCount + absorbed.signalCount,
    openedAt: earlier(target.openedAt, absorbed.openedAt),
    assignee: target.assignee ?? absorbed.assignee,
  };
  return { target: assess(united, now), absorbed: { ...absorbed, status: 'merged', mergedInto: target.id, updatedAt: now } };
}

/** The one of several incidents that stays when they merge: the one that was opened first. */
export function survivorOf(incidents: readonly Incident[]): Incident | undefined {
  return [...incidents].sort((a, b) => a.openedAt.getTime() - b.openedAt.getTime() || (a.id < b.id ? -1 : 1))[0];
}

/** The incident as facts carry it. */
export function snapshotOf(incident: Incident): IncidentSnapshot {
  const { id, episode, status, title, level, risk, tags, first, last, signalCount, grounds, assignee, verdict } = incident;
  return {
    id, episode, status, title, level, risk, signalCount, assignee, verdict,
    tags: [...tags],
    subject: subjectOf(incident),
    first: first.toISOString(),
    last: last.toISOString(),
    rules: [...grounds.rules],
    sources: [...grounds.sources],
  };
}

/** Whom an incident is about, with the accounts that are known as theirs. A person goes before an account, an account before a token … */
export function subjectOf({ entities }: Pick<Incident, 'entities'>): IncidentSnapshot['subject'] {
  const subjects = entities.filter(({ subject }) => subject).sort((a, b) => SUBJECT_ORDER.indexOf(a.type) - SUBJECT_ORDER.indexOf(b.type));
  const [main] = subjects;
  return { type: main?.type ?? 'rule', id: main?.value ?? '', accounts: subjects.filter(({ type }) => type === 'account').map(({ value }) => value) };
}

const withSignal = (incident: Incident, signal: IncidentSignal): Incident => ({ ...incident, ...unite(incident, signal), signalCount: incident.signalCount + 1 });

type Part = Pick<Incident, 'level' | 'tags' | 'first' | 'last' | 'entities' | 'grounds'>;

/** Commutative, associative, and the same again for what is contained already. */
function unite(a: Part, b: Part): Part {
  return {
    level: LEVELS[Math.max(LEVELS.indexOf(a.level), LEVELS.indexOf(b.level))] ?? a.level,
    tags: withTactics([...a.tags, ...b.tags]),
    first: earlier(a.first, b.first),
    last: a.last > b.last ? a.last : b.last,
    entities: uniteEntities(a.entities, b.entities),
    grounds: {
      rules: union(a.grounds.rules, b.grounds.rules),
      sources: union(a.grounds.sources, b.grounds.sources),
      dataClasses: union(a.grounds.dataClasses, b.grounds.dataClasses),
      criticality: higher(a.grounds.criticality, b.grounds.criticality),
      leaving: a.grounds.leaving || b.grounds.leaving,
    },
  };
}

function assess(incident: Incident, now: Date): Incident {
  const riskParts = riskOf(incident);
  return { ...incident, riskParts, risk: riskParts.reduce((sum, { points }) => sum + points, 0), updatedAt: now };
}

function uniteEntities(a: readonly IncidentEntity[], b: readonly IncidentEntity[]): IncidentEntity[] {
  const united = new Map<string, IncidentEntity>();
  for (const entity of [...a, ...b]) {
    const id = entityId(entity);
    const known = united.get(id);
    united.set(id, known ? { ...known, value: known.value < entity.value ? known.value : entity.value, subject: known.subject || entity.subject } : entity);
  }
  return [...united].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, entity]) => entity);
}

const TECHNIQUE = /^[tgs][0-9]/;

/** Tags of the rules, and each ATT&CK tactic by its bare name too: `attack.exfiltration` gives `exfiltration`. */
function withTactics(tags: readonly string[]): string[] {
  const tactics = tags.filter((tag) => tag.startsWith('attack.')).map((tag) => tag.slice('attack.'.length)).filter((name) => !TECHNIQUE.test(name));
  return union(tags, tactics);
}

const union = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])].sort();
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

export function higher(a: Criticality | null, b: Criticality | null): Criticality | null {
  if (a === null || b === null) return a ?? b;
  return CRITICALITIES.indexOf(a) > CRITICALITIES.indexOf(b) ? a : b;
}
