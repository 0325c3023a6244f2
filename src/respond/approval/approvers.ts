import type { KeyHolders } from '../../access/index.js';
import { conflictOf, ConflictOfInterest, type BreakGlassPeople, type Conflict, type Subjects } from '../../context/index.js';
import { entityKey, type Directory, type PersonFact, type Role, type Tx, type Unknown } from '../../kernel/index.js';
import type { Caller } from './approval-desk.js';
import type { Approval } from './approval.js';
import { standingOf, type Standing } from './standing.js';

export interface ApproversParts {
  readonly directory: Directory;
  readonly holders: KeyHolders;
  readonly breakGlass: BreakGlassPeople;
}

/** Whom the product can ask about one approval. */
export interface Approvers {
  /** People with the role who may decide it. */
  readonly eligible: readonly PersonFact[];
  /** Break-glass people who are in no conflict with it. */
  readonly breakGlass: readonly PersonFact[];
}

const samePerson = (a: string, b: string): boolean => entityKey({ type: 'person', value: a }) === entityKey({ type: 'person', value: b });

/** What callers are to approvals, as context states it inside one transaction. */
export class ApproverFinder {
  readonly #conflicts: ConflictOfInterest;

  constructor(private readonly parts: ApproversParts) {
    this.#conflicts = new ConflictOfInterest(parts.directory);
  }

  /** `conflict` other than none: the caller may not even learn that the approval exists. */
  async standing(tx: Tx, approval: Approval, caller: Caller): Promise<{ standing: Standing; conflict: Conflict }> {
    const subjects = await this.#conflicts.subjectsOf(approval.about, { tx });
    const asker = await this.#askerOf(tx, approval);
    const person = caller.person === null ? null : await this.parts.directory.personOf({ type: 'person', value: caller.person }, { tx });
    const asked = caller.actor === approval.requestedBy || (caller.person !== null && asker !== null && samePerson(caller.person, asker));
    const conflict = caller.person === null ? 'none' : conflictOf(await this.#conflicts.lineOf(caller.person, { tx }), subjects);
    return { standing: standingOf({ approval, roles: caller.roles, person, conflict, unknownSubject: subjects.unknown, asked }), conflict };
  }

  async approversOf(tx: Tx, approval: Approval): Promise<Approvers> {
    const subjects = await this.#conflicts.subjectsOf(approval.about, { tx });
    const asker = await this.#askerOf(tx, approval);
    const judge = async (person: PersonFact, roles: readonly Role[], breakGlass: boolean): Promise<boolean> => this.#judge(tx, { ...approval, breakGlass, votes: [] }, person, roles, subjects, asker);
    const eligible: PersonFact[] = [];
    for (const id of await this.parts.holders.withRole(tx, [approval.role])) {
      const person: PersonFact | Unknown = await this.parts.directory.personOf({ type: 'person', value: id }, { tx });
      if (person.known && (await judge(person, [approval.role], false))) eligible.push(person);
    }
    const breakGlass: PersonFact[] = [];
    for (const person of await this.parts.breakGlass.list(tx)) if (await judge(person, [], true)) breakGlass.push(person);
    return { eligible, breakGlass };
  }

  async #judge(tx: Tx, approval: Approval, person: PersonFact, roles: readonly Role[], subjects: Subjects, asker: string | null): Promise<boolean> {
    const conflict = conflictOf(await this.#conflicts.lineOf(person.id, { tx }), subjects);
    const asked = asker !== null && samePerson(person.id, asker);
    return standingOf({ approval, roles, person, conflict, unknownSubject: subjects.unknown, asked }).may;
  }

  /** Person who asked for the run; null where the product did, or a key of nobody in person. */
  async #askerOf(tx: Tx, { requestedBy }: Approval): Promise<string | null> {
    if (requestedBy === null) return null;
    return requestedBy.startsWith('person:') ? requestedBy.slice('person:'.length) : this.parts.holders.personOf(tx, requestedBy);
  }
}
