import type { AppendResult, Binding, BoundAppend, EventLog, NewRecord, StoredRecord } from '../../src/kernel/index.js';

/** Event log in memory with the semantics of the real one: dedupe by source, key and body hash, clashes stored and counted; a binding holds for good. */
export class FakeEventLog implements EventLog {
  readonly stored: (StoredRecord & { readonly clash: boolean })[] = [];
  /** Size of each group that was appended. */
  readonly groups: number[] = [];
  /** Called before each append; throw to fail it, wait to hold it. */
  before: (records: readonly NewRecord[]) => Promise<void> | void = () => {};
  readonly #holders = new Map<string, string>();
  readonly #seen = new Map<string, { readonly hash: string; readonly id: string }[]>();

  async append(records: readonly NewRecord[]): Promise<AppendResult[]> {
    await this.before(records);
    return this.place(records);
  }

  async appendBound(records: readonly NewRecord[], bindings: readonly Binding[]): Promise<BoundAppend> {
    await this.before(records);
    const holders = bindings.map(({ key, holder }) => {
      const known = this.#holders.get(key.toString('hex')) ?? holder;
      this.#holders.set(key.toString('hex'), known);
      return known;
    });
    const refused = bindings.flatMap(({ holder }, index) => (holders[index] === holder ? [] : [index]));
    return refused.length > 0 ? { refused } : { results: this.place(records) };
  }

  async read(cursor: number, limit: number): Promise<StoredRecord[]> {
    return this.stored.filter(({ position }) => position > cursor).slice(0, limit);
  }

  private place(records: readonly NewRecord[]): AppendResult[] {
    this.groups.push(records.length);
    return records.map((record) => this.placeOne(record));
  }

  private placeOne(record: NewRecord): AppendResult {
    const hash = record.bodyHash.toString('hex');
    const key = record.dedupeKey && `${record.source}:${record.dedupeKey.toString('hex')}`;
    const seen = key === null ? [] : (this.#seen.get(key) ?? []);
    const same = seen.find((other) => other.hash === hash);
    if (same) return { status: 'duplicate', originalId: same.id };
    if (key !== null) this.#seen.set(key, [...seen, { hash, id: record.id }]);
    const clash = seen.length > 0;
    const position = this.stored.length + 1;
    this.stored.push({ ...record, position, clash });
    return { status: clash ? 'clash' : 'stored', position };
  }
}
