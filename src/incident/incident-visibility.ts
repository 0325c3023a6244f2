import { conflictOf, ConflictOfInterest } from '../context/index.js';
import { ENTITY_TYPES, type Directory, type EntityRef, type EntityType, type Principal } from '../kernel/index.js';
import { entityId, type Incident, type IncidentEntity } from './incident.js';

/** Whether a caller may know of an incident. */
export type Sees = (incident: Pick<Incident, 'entities'>) => Promise<boolean>;

type SubjectEntity = IncidentEntity & { readonly type: EntityType };

const isSubject = (entity: IncidentEntity): entity is SubjectEntity => entity.subject && (ENTITY_TYPES as readonly string[]).includes(entity.type);

/**
 * Whoever an incident is about, and who reports to them, must not learn of it. A caller is known by the person of the key;
 * a key without one is a machine's. An incident about someone unknown is seen, or nobody would work on it.
 */
export class IncidentVisibility {
  readonly #conflicts: ConflictOfInterest;

  constructor(directory: Pick<Directory, 'personOf' | 'managersOf'>) {
    this.#conflicts = new ConflictOfInterest(directory);
  }

  /** For the incidents of one request: what a name stands for is looked up once. */
  async of({ person }: Pick<Principal, 'person'>): Promise<Sees> {
    if (person === null) return async () => true;
    const line = await this.#conflicts.lineOf(person);
    const conflicts = new Map<string, Promise<boolean>>();
    const conflicted = (entity: SubjectEntity): Promise<boolean> => {
      const known = conflicts.get(entityId(entity)) ?? this.#concerns(line, entity);
      conflicts.set(entityId(entity), known);
      return known;
    };
    return async ({ entities }) => {
      for (const entity of entities.filter(isSubject)) if (await conflicted(entity)) return false;
      return true;
    };
  }

  async #concerns(line: Parameters<typeof conflictOf>[0], { type, value }: EntityRef): Promise<boolean> {
    return conflictOf(line, await this.#conflicts.subjectsOf([{ type, value }])) !== 'none';
  }
}
