import { entityKey, type Criticality, type Directory, type EntityFact, type EntityRef, type PersonFact, type SignalEntity, type Tx, type Unknown } from '../kernel/index.js';
import type { FiredSignal } from './fired-signal.js';
import { entityId, higher, type IncidentEntity, type IncidentSignal } from './incident.js';

/** Kinds of entity a signal is grouped by: the first of these that its group or all of its events name. */
const BY_ORDER = ['person', 'account', 'token', 'ip', 'host', 'endpoint'] as const;

/** Endpoints of one signal that context is asked about. */
const MAX_ENDPOINTS = 10;

interface Known {
  readonly criticality: Criticality | null;
  readonly leaving: boolean;
  readonly dataClasses: readonly string[];
}

const NOTHING: Known = { criticality: null, leaving: false, dataClasses: [] };

/**
 * Finds out whom signals are about, through context where it knows. Made for one batch: a name is asked for once, and
 * all signals of the batch get the same answer.
 */
export class SubjectFinder {
  readonly #people = new Map<string, Promise<PersonFact | Unknown>>();
  readonly #facts = new Map<string, Promise<EntityFact | Unknown>>();

  constructor(
    private readonly directory: Directory,
    private readonly tx: Tx,
  ) {}

  async describe({ signalId: id, ruleId, title, level, tags, first, last, entities: named, sources, dataClasses }: FiredSignal): Promise<IncidentSignal> {
    const subjects = await this.#subjects(named, ruleId);
    const subjectIds = new Set(subjects.map(entityId));
    const involved = named.map((entity) => asEntity(entity, false)).filter((entity) => !subjectIds.has(entityId(entity)));
    const known = await this.#known([...subjects.filter(({ type }) => type !== 'endpoint'), ...named.filter(({ type }) => type === 'endpoint').slice(0, MAX_ENDPOINTS)]);
    return {
      id, ruleId, title, level, tags, first, last,
      entities: [...subjects, ...involved],
      grounds: {
        rules: [ruleId],
        sources,
        dataClasses: [...new Set([...dataClasses, ...known.dataClasses])].sort(),
        criticality: known.criticality,
        leaving: known.leaving,
      },
    };
  }

  async #subjects(named: readonly SignalEntity[], ruleId: string): Promise<IncidentEntity[]> {
    for (const type of BY_ORDER) {
      const throughout = named.filter((entity) => entity.type === type && entity.everywhere);
      if (throughout.length === 0) continue;
      return type === 'account' || type === 'token' || type === 'person' ? this.#withPerson(throughout) : throughout.map((entity) => asEntity(entity, true));
    }
    return [{ type: 'rule', key: ruleId, value: ruleId, subject: true }];
  }

  /**
   * The person behind the names, with those names that do not belong to someone else: by them an incident is found that
   * was opened when context did not know the person yet.
   */
  async #withPerson(named: readonly SignalEntity[]): Promise<IncidentEntity[]> {
    const people = await inTurn(named, (entity) => this.#personOf(entity));
    const person = people.find((answer) => answer.known);
    if (!person) return named.map((entity) => asEntity(entity, true));
    const own = named.filter((_, index) => {
      const answer = people[index];
      return !answer?.known || answer.id === person.id;
    });
    return [asEntity({ type: 'person', value: person.id }, true), ...own.filter(({ type }) => type !== 'person').map((entity) => asEntity(entity, true))];
  }

  async #known(entities: readonly { readonly type: IncidentEntity['type']; readonly value: string }[]): Promise<Known> {
    let known = NOTHING;
    for (const { type, value } of entities) {
      if (type !== 'rule') known = withFact(known, await this.#resolve({ type, value }));
    }
    return known;
  }

  #personOf({ type, value }: EntityRef): Promise<PersonFact | Unknown> {
    return remembered(this.#people, { type, value }, () => this.directory.personOf({ type, value }, { tx: this.tx }));
  }

  #resolve(entity: EntityRef): Promise<EntityFact | Unknown> {
    return remembered(this.#facts, entity, () => this.directory.resolve(entity, { tx: this.tx }));
  }
}

function withFact(known: Known, fact: EntityFact | Unknown): Known {
  if (!fact.known) return known;
  return {
    criticality: higher(known.criticality, fact.criticality),
    leaving: known.leaving || (fact.type === 'person' && (fact.leaverDate !== null || fact.status === 'leaving' || fact.status === 'left')),
    dataClasses: fact.type === 'endpoint' && fact.dataClass !== null ? [...known.dataClasses, fact.dataClass] : known.dataClasses,
  };
}

const asEntity = ({ type, value }: EntityRef, subject: boolean): IncidentEntity => ({ type, key: entityKey({ type, value }), value, subject });

function remembered<T>(answers: Map<string, Promise<T>>, entity: EntityRef, ask: () => Promise<T>): Promise<T> {
  const key = entityId({ type: entity.type, key: entityKey(entity) });
  const known = answers.get(key) ?? ask();
  answers.set(key, known);
  return known;
}

/** One after the other: all questions run on the connection of one transaction. */
async function inTurn<A, B>(items: readonly A[], ask: (item: A) => Promise<B>): Promise<B[]> {
  const answers: B[] = [];
  for (const item of items) answers.push(await ask(item));
  return answers;
}
