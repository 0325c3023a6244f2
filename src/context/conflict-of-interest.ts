import { entityKey, type Directory, type DirectoryOptions, type EntityRef } from '../kernel/index.js';

/** The people whom something is about, by key; `unknown` says whose identity is missing among them, null where none is. */
export interface Subjects {
  readonly people: ReadonlySet<string>;
  readonly unknown: string | null;
}

/** A person and those above. */
export interface ReportingLine {
  readonly person: string;
  readonly managers: ReadonlySet<string>;
  /** False where the chain of managers breaks off: then someone unknown may stand above. */
  readonly complete: boolean;
}

export type Conflict = 'subject' | 'report' | 'none';

type AsOf = Pick<DirectoryOptions, 'tx'>;

const keyOf = (id: string): string => entityKey({ type: 'person', value: id });

/**
 * Who is too close to judge: the person something is about, and who reports to them. Nobody else is (a manager, a
 * colleague). What context does not know is handed on as unknown, for the caller to be strict about.
 */
export class ConflictOfInterest {
  constructor(private readonly directory: Pick<Directory, 'personOf' | 'managersOf'>) {}

  /**
   * Addresses, hosts, endpoints and accounts of nobody in person name no one. A token that context does not list counts as
   * unknown only where nothing else says whose it is; an account or a person that it does not know always does.
   */
  async subjectsOf(about: readonly EntityRef[], options: AsOf = {}): Promise<Subjects> {
    const people = new Set<string>();
    const open: { ref: EntityRef; detail: string }[] = [];
    for (const ref of about) {
      const person = await this.directory.personOf(ref, options);
      if (person.known) people.add(keyOf(person.id));
      else if (person.reason !== 'not_personal') open.push({ ref, detail: person.detail });
      if (ref.type === 'person') people.add(keyOf(ref.value));
    }
    const missing = open.find(({ ref }) => ref.type !== 'token' || people.size === 0);
    return { people, unknown: missing?.detail ?? null };
  }

  async lineOf(personId: string, options: AsOf = {}): Promise<ReportingLine> {
    const { managers, end } = await this.directory.managersOf(personId, options);
    return { person: keyOf(personId), managers: new Set(managers.map(({ id }) => keyOf(id))), complete: end === 'top' };
  }
}

export function conflictOf({ person, managers }: ReportingLine, { people }: Pick<Subjects, 'people'>): Conflict {
  if (people.has(person)) return 'subject';
  return [...people].some((subject) => managers.has(subject)) ? 'report' : 'none';
}
