import ipaddr from 'ipaddr.js';
import type { NamedEntity } from '../../config/index.js';
import { CRITICALITIES, entityKey, type Criticality, type Directory, type EntityFact, type EntityRef, type PersonFact, type Tx, type Unknown } from '../../kernel/index.js';
import type { Subject } from './circumstances.js';
import type { ProtectionPolicy } from './governor-policy.js';

/** What context says of an entity and of who acts under it. */
interface Known {
  readonly fact: EntityFact | Unknown;
  readonly person: PersonFact | Unknown | undefined;
}

const LISTS = ['own', 'refuse', 'ask'] as const;
const PERSONAL: readonly EntityRef['type'][] = ['person', 'account', 'token'];

/** Finds out whom an effect acts on, under all the names that context knows for them. */
export class SubjectReader {
  constructor(
    private readonly directory: Directory,
    private readonly protection: ProtectionPolicy,
  ) {}

  /** @param tx the caller's transaction, if it is in one */
  async read(entities: readonly EntityRef[], tx?: Tx): Promise<Subject[]> {
    if (entities.length === 0) return [];
    const listed = await this.#listedNames(tx);
    const subjects: Subject[] = [];
    // One after the other: within a transaction there is one connection.
    for (const entity of entities) {
      const known = await this.#know(entity, tx);
      const names = namesOf(entity, known.fact);
      const guarded = [...names, ...personName(known.person)];
      subjects.push({
        entity,
        names,
        identity: PERSONAL.includes(entity.type) ? names.at(-1) : undefined,
        listed: LISTS.filter((list) => this.protection[list].some((entry) => inRange(entity, entry)) || guarded.some((name) => listed[list].has(name))),
        ...breakGlassOf(entity, known),
        criticality: highest([known.fact, known.person]),
      });
    }
    return subjects;
  }

  async size(tx?: Tx): Promise<number> {
    const options = tx ? { tx } : {};
    return (await this.directory.count('account', options)) || (await this.directory.count('person', options));
  }

  /** The configured entities under all their names: someone listed by one name is not hit by another. */
  async #listedNames(tx: Tx | undefined): Promise<Record<(typeof LISTS)[number], ReadonlySet<string>>> {
    const names = { own: new Set<string>(), refuse: new Set<string>(), ask: new Set<string>() };
    for (const list of LISTS) {
      for (const entry of this.protection[list].filter(({ range }) => range === undefined)) {
        const { fact, person } = await this.#know(entry, tx);
        for (const name of [...namesOf(entry, fact), ...personName(person)]) names[list].add(name);
      }
    }
    return names;
  }

  async #know(entity: EntityRef, tx: Tx | undefined): Promise<Known> {
    const options = tx ? { tx } : {};
    const fact = await this.directory.resolve(entity, options);
    return { fact, person: PERSONAL.includes(entity.type) ? await this.directory.personOf(entity, options) : undefined };
  }
}

/** As asked, then as context states it. The system is left out of the first: the same name in another system is rather guarded too. */
function namesOf(entity: EntityRef, fact: EntityFact | Unknown): string[] {
  const asked = `${entity.type}:${entityKey(entity)}`;
  if (!fact.known) return [asked];
  const stated = `${fact.type}:${fact.type === 'account' && fact.system !== null ? `${fact.system}/` : ''}${entityKey({ type: fact.type, value: fact.id })}`;
  return [...new Set([asked, stated])];
}

const personName = (person: PersonFact | Unknown | undefined): string[] => (person?.known ? [`person:${entityKey({ type: 'person', value: person.id })}`] : []);

/**
 * Whoever is stated as break-glass is. No one is for certain only where something states so and nothing is open: neither
 * who acts under the name nor which of several it is.
 */
function breakGlassOf(entity: EntityRef, { fact, person }: Known): Pick<Subject, 'breakGlass' | 'breakGlassWhy'> {
  if (!PERSONAL.includes(entity.type)) return { breakGlass: 'no', breakGlassWhy: 'it is no identity' };
  const stated = [fact, person].filter((answer) => answer?.known === true).filter((answer) => answer.type !== 'endpoint');
  const yes = stated.find(({ breakGlass }) => breakGlass === true);
  if (yes) return { breakGlass: 'yes', breakGlassWhy: `source ${yes.source} states ${yes.type} ${yes.id} as break-glass` };
  const open = [fact, person].find((answer): answer is Unknown => answer?.known === false && answer.reason !== 'not_personal');
  if (open) return { breakGlass: 'unknown', breakGlassWhy: open.detail };
  const no = stated.find(({ breakGlass }) => breakGlass === false);
  if (no) return { breakGlass: 'no', breakGlassWhy: `source ${no.source} states so of ${no.type} ${no.id}` };
  return { breakGlass: 'unknown', breakGlassWhy: `no source states break_glass for ${stated.map(({ type, id }) => `${type} ${id}`).join(' or ')}` };
}

function highest(answers: readonly (EntityFact | Unknown | undefined)[]): Criticality | null {
  const stated = answers.flatMap((answer) => (answer?.known && answer.criticality !== null ? [CRITICALITIES.indexOf(answer.criticality)] : []));
  return CRITICALITIES[Math.max(-1, ...stated)] ?? null;
}

function inRange(entity: EntityRef, { range }: NamedEntity): boolean {
  if (!range || entity.type !== 'ip' || !ipaddr.isValid(entity.value)) return false;
  const [address, network] = [ipaddr.process(entity.value), ipaddr.process(range.address)];
  return address.kind() === network.kind() && address.match(network, range.bits);
}
