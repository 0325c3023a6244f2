import { entityId, type Incident, type IncidentEntity, type IncidentSignal, inEventOrder } from './incident.js';

/** Incidents and signals that belong together. */
export interface Group {
  readonly incidents: readonly Incident[];
  readonly signals: readonly IncidentSignal[];
  readonly keys: ReadonlySet<string>;
  readonly persons: ReadonlySet<string>;
  /** Event time it spans, milliseconds. */
  readonly first: number;
  readonly last: number;
}

/**
 * Groups by shared subject and nearness in time. Two groups belong together when they share a subject and their spans
 * lie at most a window apart; a group that grew is compared again until nothing more joins. Joining only ever adds keys
 * and widens the span, so the outcome is one and the same whatever the order of what is added.
 *
 * The exception is on purpose: groups of different known people never join through an account alone, since the account
 * then changed hands or its name is ambiguous.
 */
export class Grouping {
  readonly #byKey = new Map<string, Set<Group>>();
  readonly #groups = new Set<Group>();

  constructor(private readonly windowMs: number) {}

  addSignal(signal: IncidentSignal): void {
    this.#settle({ ...spanOf(signal), incidents: [], signals: [signal] });
  }

  addIncident(incident: Incident): void {
    this.#settle({ ...spanOf(incident), incidents: [incident], signals: [] });
  }

  /** Puts an incident into a group although it lies farther away in time than a window. */
  addTo(group: Group, incident: Incident): void {
    this.#remove(group);
    this.#settle(join(group, { ...spanOf(incident), incidents: [incident], signals: [] }));
  }

  /** In an order that depends on what the groups hold alone. */
  groups(): Group[] {
    return [...this.#groups].sort((a, b) => a.first - b.first || (leastKey(a) < leastKey(b) ? -1 : 1));
  }

  /** Whether a group is still as it was given: another one may have taken it in. */
  has(group: Group): boolean {
    return this.#groups.has(group);
  }

  keys(): ReadonlySet<string> {
    return new Set(this.#byKey.keys());
  }

  #settle(added: Group): void {
    let group = added;
    for (let near = this.#near(group); near.length > 0; near = this.#near(group)) {
      for (const other of near) {
        this.#remove(other);
        group = join(group, other);
      }
    }
    this.#groups.add(group);
    for (const key of group.keys) this.#withKey(key).add(group);
  }

  /** The least one first and alone, as each join may forbid the next. */
  #near(group: Group): Group[] {
    const sharing = new Set([...group.keys].flatMap((key) => [...(this.#byKey.get(key) ?? [])]));
    return [...sharing].filter((other) => this.#related(group, other)).sort((a, b) => a.first - b.first || (leastKey(a) < leastKey(b) ? -1 : 1)).slice(0, 1);
  }

  #related(a: Group, b: Group): boolean {
    return gapBetween(a, b) <= this.windowMs && !differentPeople(a, b);
  }

  #remove(group: Group): void {
    this.#groups.delete(group);
    for (const key of group.keys) this.#byKey.get(key)?.delete(group);
  }

  #withKey(key: string): Set<Group> {
    const known = this.#byKey.get(key);
    if (known) return known;
    const made = new Set<Group>();
    this.#byKey.set(key, made);
    return made;
  }
}

interface Span {
  readonly first: number;
  readonly last: number;
}

/** Milliseconds between two spans of event time, negative where they overlap. */
export const gapBetween = (a: Span, b: Span): number => Math.max(a.first, b.first) - Math.min(a.last, b.last);

export function differentPeople(a: Pick<Group, 'persons'>, b: Pick<Group, 'persons'>): boolean {
  return a.persons.size > 0 && b.persons.size > 0 && ![...a.persons].some((person) => b.persons.has(person));
}

export function spanOf({ entities, first, last }: { entities: readonly IncidentEntity[]; first: Date; last: Date }): Pick<Group, 'keys' | 'persons' | 'first' | 'last'> {
  const subjects = entities.filter(({ subject }) => subject);
  return {
    keys: new Set(subjects.map(entityId)),
    persons: new Set(subjects.filter(({ type }) => type === 'person').map(({ key }) => key)),
    first: first.getTime(),
    last: last.getTime(),
  };
}

function join(a: Group, b: Group): Group {
  return {
    incidents: [...a.incidents, ...b.incidents],
    signals: [...a.signals, ...b.signals].sort(inEventOrder),
    keys: new Set([...a.keys, ...b.keys]),
    persons: new Set([...a.persons, ...b.persons]),
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
  };
}

const leastKey = ({ keys, incidents, signals }: Group): string => [...keys, incidents[0]?.id ?? '', signals[0]?.id ?? ''].sort().join(' ');
