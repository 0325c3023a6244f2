import { closest } from 'fastest-levenshtein';
import type { ResolveReference } from './resolve-reference.js';
import { refuse } from './rule-findings.js';
import type { RuleMetadata } from './rule-metadata.js';

/** Finds documents by id, else by name, else by title. */
export class ReferenceTable<T extends Pick<RuleMetadata, 'id' | 'name' | 'title'>> {
  private readonly byId = new Map<string, T>();
  private readonly byName = new Map<string, T[]>();
  private readonly byTitle = new Map<string, T[]>();

  constructor(entries: readonly T[]) {
    for (const entry of entries) {
      this.byId.set(entry.id.toLowerCase(), entry);
      if (entry.name !== undefined) append(this.byName, entry.name, entry);
      append(this.byTitle, entry.title, entry);
    }
  }

  readonly resolve: ResolveReference = (reference, at) => {
    const own = this.byId.get(reference.toLowerCase());
    if (own) return own.id;
    const found = this.byName.get(reference) ?? this.byTitle.get(reference) ?? [];
    const [first] = found;
    if (found.length > 1) refuse('rules.ambiguous_reference', `'${reference}' is the name or title of ${found.map(({ id }) => id).join(', ')}`, at);
    if (first) return first.id;
    const names = [...this.byName.keys(), ...this.byTitle.keys()];
    const nearest = names.length > 0 ? `; the nearest name is '${closest(reference, names)}'` : '';
    refuse('rules.unknown_reference', `'${reference}'${nearest}`, at);
  };
}

function append<T>(map: Map<string, T[]>, key: string, entry: T): void {
  const entries = map.get(key);
  if (entries) entries.push(entry);
  else map.set(key, [entry]);
}
