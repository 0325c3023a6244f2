import { claimant, personKey, type Entry, type EntryName } from './entry.js';
import type { Finding, RawRow } from './raw-row.js';
import { parseRow, statedId } from './row-schema.js';

/** What the other sources state, as far as an import must agree with it. */
export interface Elsewhere {
  /** Source of an entry, by {@link entryId}. */
  readonly entries: ReadonlyMap<string, string>;
  /** Who claims a name, by {@link nameId}. */
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
  /** Key of the manager by key of the person. */
  readonly managers: ReadonlyMap<string, string | null>;
}

export interface Claim {
  readonly claimant: string;
  /** For people: who it is and who says so. */
  readonly label: string;
}

export interface CheckedImport {
  /** Rows without a finding. */
  readonly accepted: readonly Entry[];
  /** In the order of files and lines. */
  readonly findings: readonly Finding[];
  readonly rejectedRows: number;
}

export const entryId = ({ type, key }: Pick<Entry, 'type' | 'key'>): string => `${type} ${key}`;
export const nameId = ({ kind, system, key }: Pick<EntryName, 'kind' | 'system' | 'key'>): string => `${kind} ${system} ${key}`;

interface ReadRow {
  readonly row: RawRow;
  readonly entry: Entry;
}

/** Holds the rows of an import against each other and against the other sources. Pure; the order of rows does not matter. */
export function checkImport(rows: readonly RawRow[], elsewhere: Elsewhere): CheckedImport {
  const findings = new Map<RawRow, Finding[]>();
  const report = (row: RawRow, field: string, reason: string, remedy: string): void => {
    const { file, line, type } = row;
    push(findings, row, { file, line, type, id: statedId(row), field, reason, remedy });
  };
  const read: ReadRow[] = [];
  for (const row of rows) {
    const parsed = parseRow(row);
    if ('entry' in parsed) read.push({ row, entry: parsed.entry });
    else findings.set(row, [...parsed.findings]);
  }
  findDuplicates(read, elsewhere, report);
  findContestedNames(read, elsewhere, report);
  findUnknownPeople(read, rows, elsewhere, report);
  findManagerCycles(read, elsewhere, report);
  return {
    accepted: read.filter(({ row }) => !findings.has(row)).map(({ entry }) => entry),
    findings: rows.flatMap((row) => findings.get(row) ?? []),
    rejectedRows: findings.size,
  };
}

type Report = (row: RawRow, field: string, reason: string, remedy: string) => void;

function findDuplicates(read: readonly ReadRow[], elsewhere: Elsewhere, report: Report): void {
  for (const [id, same] of grouped(read, ({ entry }) => entryId(entry))) {
    const source = elsewhere.entries.get(id);
    for (const { row } of same) {
      if (same.length > 1) report(row, 'id', `stands in several rows: ${placesOf(same, row)} too`, 'Keep one row an id; upper and lower case do not make a difference.');
      if (source !== undefined) report(row, 'id', `is already stated by source ${source}`, `Remove it here, or from source ${source}: one source states an entry.`);
    }
  }
}

function findContestedNames(read: readonly ReadRow[], elsewhere: Elsewhere, report: Report): void {
  const claims = read.flatMap((one) => one.entry.names.map((name) => ({ ...one, name, claimant: claimantOf(one.entry) })));
  for (const [id, same] of grouped(claims, ({ name }) => nameId(name))) {
    const others = elsewhere.claims.get(id) ?? [];
    if (new Set([...same, ...others].map((claim) => claim.claimant)).size < 2) continue;
    for (const { row, name, claimant: own } of same) {
      // A shared id is told as a duplicate.
      const rivals = [
        ...same.filter((other) => other.claimant !== own).map((other) => `${other.entry.body.id} (${placeOf(other.row)})`),
        ...others.filter((other) => other.claimant !== own).map((other) => other.label),
      ];
      if (rivals.length > 0) report(row, name.field, `${JSON.stringify(name.key)} is claimed by ${rivals.slice(0, 3).join(', ')} too`, 'Leave it with the one it belongs to, or tell them apart by `system`.');
    }
  }
}

const REFERENCES = { person: 'manager', account: 'person', endpoint: 'owner' } as const;

function findUnknownPeople(read: readonly ReadRow[], rows: readonly RawRow[], elsewhere: Elsewhere, report: Report): void {
  const stated = new Set(rows.filter(({ type }) => type === 'person').map((row) => personKey(statedId(row) ?? '')));
  for (const { row, entry } of read) {
    if (entry.personKey === null || stated.has(entry.personKey) || elsewhere.managers.has(entry.personKey)) continue;
    report(row, REFERENCES[entry.type], `${JSON.stringify(entry.personKey)} is no person of this import or of another source`, 'Import the person too, or before this file.');
  }
}

function findManagerCycles(read: readonly ReadRow[], elsewhere: Elsewhere, report: Report): void {
  // Which row of a repeated id is right is open, and with it where its chain leads.
  const people = [...grouped(read.filter(({ entry }) => entry.type === 'person'), ({ entry }) => entry.key).values()].filter((same) => same.length === 1).flat();
  const managers = new Map([...elsewhere.managers, ...people.map(({ entry }) => [entry.key, entry.personKey] as const)]);
  const inCycle = cycleMembers(managers);
  for (const { row, entry } of people) {
    const cycle = inCycle.get(entry.key);
    if (cycle) report(row, 'manager', `the chain of managers comes back to this person: ${[...cycle.slice(0, 5), ...(cycle.length > 5 ? ['…'] : [])].join(' → ')}`, 'Correct the manager of one of them; write "-" for a person who has none.');
  }
}

/** Those who are above themselves, each with the ring it is in. */
function cycleMembers(managers: ReadonlyMap<string, string | null>): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const done = new Set<string>();
  for (const start of managers.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    let current: string | null | undefined = start;
    while (typeof current === 'string' && !done.has(current) && !onPath.has(current)) {
      path.push(current);
      onPath.add(current);
      current = managers.get(current);
    }
    if (typeof current === 'string' && onPath.has(current)) {
      const cycle = path.slice(path.indexOf(current));
      for (const member of cycle) found.set(member, cycle);
    }
    for (const member of path) done.add(member);
  }
  return found;
}

function claimantOf(entry: Entry): string {
  return claimant(entry.type, entry.key, entry.type === 'account' ? entry.body.kind : undefined, entry.personKey);
}

const placeOf = ({ file, line }: RawRow): string => `${file}:${line}`;
const placesOf = (rows: readonly ReadRow[], except: RawRow): string => rows.filter(({ row }) => row !== except).slice(0, 3).map(({ row }) => placeOf(row)).join(', ');

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) push(groups, keyOf(item), item);
  return groups;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
