import type { EntityType, JsonObject, Tx } from '../kernel/index.js';
import { toJson, type DatabaseTx } from '../platform/index.js';
import { entryId, nameId, type Claim, type Elsewhere } from './check-import.js';
import { claimant, type Entry } from './entry.js';
import { CLOSE_ENTRIES, CLOSE_NAMES, ENTRIES_ELSEWHERE, ENTRIES_OF_SOURCE, ENTRY_COLUMNS, NAME_COLUMNS, NAMES_ELSEWHERE, NAMES_OF_SOURCE } from './sql.js';

interface EntryRow {
  type: Entry['type'];
  key: string;
  personKey: string | null;
}

interface NameRow {
  kind: EntityType;
  key: string;
  system: string;
  entryType: Entry['type'];
  entryKey: string;
}

/** How an import changes the entries of its source. */
export interface Changes {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/** What the sources other than `source` state now. */
export async function readElsewhere(tx: Tx, source: string): Promise<Elsewhere> {
  const entries = await tx.query<EntryRow & { source: string; id: string; kind: 'human' | null }>(ENTRIES_ELSEWHERE, [source]);
  const byId = new Map(entries.map((entry) => [entryId(entry), entry]));
  const claims = new Map<string, Claim[]>();
  for (const name of await tx.query<NameRow>(NAMES_ELSEWHERE, [source])) {
    const owner = byId.get(entryId({ type: name.entryType, key: name.entryKey }));
    if (!owner) continue;
    const claim = { claimant: claimant(owner.type, owner.key, owner.kind ?? undefined, owner.personKey), label: `${owner.id} (source ${owner.source})` };
    claims.set(nameId(name), [...(claims.get(nameId(name)) ?? []), claim]);
  }
  return {
    entries: new Map(entries.map((entry) => [entryId(entry), entry.source])),
    claims,
    managers: new Map(entries.filter(({ type }) => type === 'person').map(({ key, personKey }) => [key, personKey])),
  };
}

/** Compares `entries` with what `source` states now. What stays the same keeps its row, so that history tells changes. */
export async function compare(tx: Tx, source: string, entries: readonly Entry[]) {
  const current = new Map((await tx.query<EntryRow & { body: JsonObject }>(ENTRIES_OF_SOURCE, [source])).map((row) => [entryId(row), row]));
  const next = new Map(entries.map((entry) => [entryId(entry), entry]));
  const same = (entry: Entry): boolean => {
    const row = current.get(entryId(entry));
    return row !== undefined && row.personKey === entry.personKey && isSame(row.body, entry.body);
  };
  const fresh = entries.filter((entry) => !same(entry));
  const gone = [...current.values()].filter((row) => !next.has(entryId(row)));
  const changed = fresh.filter((entry) => current.has(entryId(entry)));
  const changes: Changes = { added: fresh.length - changed.length, changed: changed.length, removed: gone.length, unchanged: entries.length - fresh.length };
  return { changes, fresh, closed: [...gone, ...changed] };
}

/** Makes `entries` all that `source` states from `at` on. */
export async function replaceSource(tx: DatabaseTx, source: string, entries: readonly Entry[], at: Date): Promise<Changes> {
  const { changes, fresh, closed } = await compare(tx, source, entries);
  await tx.query(CLOSE_ENTRIES, [source, at, closed.map(({ type }) => type), closed.map(({ key }) => key)]);
  await tx.copyIn('context_entry', ENTRY_COLUMNS, fresh.map(({ type, key, personKey, body }) => [type, key, source, personKey, toJson(body), at]));
  await replaceNames(tx, source, entries, at);
  return changes;
}

async function replaceNames(tx: DatabaseTx, source: string, entries: readonly Entry[], at: Date): Promise<void> {
  const id = (name: NameRow): string => `${nameId(name)} ${name.entryType} ${name.entryKey}`;
  const next = new Map(entries.flatMap(({ type, key, names }) => names.map((name): NameRow => ({ kind: name.kind, key: name.key, system: name.system, entryType: type, entryKey: key }))).map((name) => [id(name), name]));
  const current = new Map((await tx.query<NameRow>(NAMES_OF_SOURCE, [source])).map((name) => [id(name), name]));
  const gone = [...current].filter(([key]) => !next.has(key)).map(([, name]) => name);
  const fresh = [...next].filter(([key]) => !current.has(key)).map(([, name]) => name);
  await tx.query(CLOSE_NAMES, [source, at, ...(['kind', 'key', 'system', 'entryType', 'entryKey'] as const).map((column) => gone.map((name) => name[column]))]);
  await tx.copyIn('context_name', NAME_COLUMNS, fresh.map((name) => [name.kind, name.key, name.system, name.entryType, name.entryKey, source, at]));
}

/** Flat objects of the same members. */
function isSame(one: JsonObject, other: JsonObject): boolean {
  const members = Object.keys(other);
  return Object.keys(one).length === members.length && members.every((member) => one[member] === other[member]);
}
