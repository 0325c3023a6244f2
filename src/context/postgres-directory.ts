import { entityKey, type AccountFact, type Directory, type DirectoryOptions, type EndpointFact, type EntityFact, type EntityRef, type ManagerChain, type PersonFact, type Unknown, type UnknownReason } from '../kernel/index.js';
import type { Database } from '../platform/index.js';
import { personKey, type EntryBody } from './entry.js';
import { NOW, THEN } from './sql.js';

/** A chain of managers longer than this is taken for a fault of the data. */
const MAX_CHAIN = 64;

type EntryRow = EntryBody & { readonly key: string; readonly personKey: string | null; readonly source: string; readonly asOf: Date };
type NamedRow = EntryRow & { readonly system: string };

/** The directory on what was imported. */
export class PostgresDirectory implements Directory {
  constructor(private readonly database: Database) {}

  async resolve(entity: EntityRef, options: DirectoryOptions = {}): Promise<EntityFact | Unknown> {
    const rows = await this.#named(entity, options);
    const accounts = rows.filter(({ type }) => type === 'account');
    const [first] = accounts.length > 0 ? accounts : rows;
    if (!first) return notFound(entity);
    // An account may share its name with the e-mail address of the person it belongs to; the account is then what was asked for.
    const others = rows.filter((row) => row !== first && !(row.type === 'person' && row.key === first.personKey));
    return others.length > 0 ? ambiguous(entity, rows) : toFact(first);
  }

  async personOf(entity: EntityRef, options: DirectoryOptions = {}): Promise<PersonFact | Unknown> {
    if (entity.type === 'ip' || entity.type === 'host' || entity.type === 'endpoint') {
      return unknown('not_personal', `${named(entity)} is used by whoever reaches it; nobody acts in person under it`);
    }
    const rows = await this.#named(entity, options);
    const [first] = rows;
    if (!first) return notFound(entity);
    const behind = new Set(rows.map(actingPerson));
    if (behind.size > 1) return ambiguous(entity, rows);
    if (first.type === 'person') return toPerson(first);
    const person = actingPerson(first);
    if (person === NOT_PERSONAL) return unknown('not_personal', `${named(entity)} is not the account of one person`);
    if (person === NOT_STATED) return unknown('not_stated', `source ${first.source} does not say whose account ${named(entity)} is`);
    const [row] = await this.#ask<EntryRow>('person', [person], options);
    if (row?.type !== 'person') return unknown('dangling', `${named(entity)} belongs to person ${JSON.stringify(person)}, whom no source states`);
    const account = rows.find(({ type }) => type === 'account');
    return account?.type === 'account' ? { ...toPerson(row), via: { account: account.body.id, system: account.body.system, source: account.source, asOf: account.asOf } } : toPerson(row);
  }

  async managersOf(personId: string, options: DirectoryOptions = {}): Promise<ManagerChain> {
    const rows = await this.#ask<EntryRow>('chain', [personKey(personId), MAX_CHAIN], options);
    const people = rows.filter((row) => row.type === 'person');
    const [self] = people;
    if (!self) return { managers: [], end: notFound({ type: 'person', value: personId }) };
    const repeat = people.findIndex((row, index) => people.findIndex(({ key }) => key === row.key) < index);
    const managers = people.slice(1, repeat === -1 ? undefined : repeat).map(toPerson);
    if (repeat !== -1) return { managers, end: unknown('ambiguous', `the chain of managers comes back to ${people[repeat]?.body.id ?? personId}`) };
    const top = people.at(-1) ?? self;
    if (top.body.isTop) return { managers, end: 'top' };
    if (top.personKey === null) return { managers, end: unknown('not_stated', `source ${top.source} does not say who is the manager of ${top.body.id}`) };
    return { managers, end: unknown('dangling', `the manager of ${top.body.id} is ${JSON.stringify(top.body.manager)}, whom no source states`) };
  }

  async reportsTo(personId: string, managerId: string, options: DirectoryOptions = {}): Promise<'yes' | 'no' | 'unknown'> {
    const { managers, end } = await this.managersOf(personId, options);
    if (managers.some(({ id }) => personKey(id) === personKey(managerId))) return 'yes';
    return end === 'top' ? 'no' : 'unknown';
  }

  async count(type: EntityFact['type'], options: DirectoryOptions = {}): Promise<number> {
    const [row] = await this.#ask<{ count: number }>('count', [type], options);
    return row?.count ?? 0;
  }

  /** The entries that have a name. With a system, those that have it there, else those that have it in none. */
  async #named(entity: EntityRef, options: DirectoryOptions): Promise<NamedRow[]> {
    const rows = await this.#ask<NamedRow>('byName', [entity.type, entityKey(entity)], options);
    if (entity.system === undefined) return rows;
    const there = rows.filter(({ system }) => system === entity.system);
    return there.length > 0 ? there : rows.filter(({ system }) => system === '');
  }

  #ask<Row>(question: keyof typeof NOW, params: readonly unknown[], { at, tx }: DirectoryOptions): Promise<Row[]> {
    const sql = (at ? THEN : NOW)[question];
    return (tx ?? this.database).query<Row>(sql, [at ?? null, ...params]);
  }
}

const NOT_PERSONAL = Symbol('not personal');
const NOT_STATED = Symbol('not stated');

/** Key of the person who acts through an entry found by an account name or token. Accounts of different owners count as different. */
function actingPerson(row: EntryRow): string | typeof NOT_PERSONAL | typeof NOT_STATED {
  if (row.type === 'person') return row.key;
  if (row.type === 'account' && row.body.kind === 'human') return row.personKey ?? NOT_STATED;
  return NOT_PERSONAL;
}

function toFact(row: EntryRow): EntityFact {
  const provenance = { known: true, source: row.source, asOf: row.asOf } as const;
  if (row.type === 'person') return toPerson(row);
  if (row.type === 'account') return { ...provenance, type: 'account', ...row.body } satisfies AccountFact;
  return { ...provenance, type: 'endpoint', ...row.body } satisfies EndpointFact;
}

const toPerson = (row: Extract<EntryRow, { type: 'person' }>): PersonFact => ({ known: true, source: row.source, asOf: row.asOf, type: 'person', ...row.body });

const unknown = (reason: UnknownReason, detail: string): Unknown => ({ known: false, reason, detail });
const named = ({ type, value, system }: EntityRef): string => `${type} ${JSON.stringify(value)}${system === undefined ? '' : ` in ${system}`}`;
const notFound = (entity: EntityRef): Unknown => unknown('not_found', `no source states ${named(entity)}`);

function ambiguous(entity: EntityRef, rows: readonly EntryRow[]): Unknown {
  const found = rows.slice(0, 5).map(({ type, body, source }) => `${type} ${body.id} (source ${source})`);
  return unknown('ambiguous', `${named(entity)} is ${found.join(', ')}${rows.length > found.length ? ', …' : ''}`);
}
