import type { AppendResult, EventLog, NewRecord, StoredRecord } from '../../src/kernel/index.js';

/** Event log in memory with the semantics of the real one: dedupe by source, key and body hash, clashes stored and counted. */
export class FakeEventLog implements EventLog {
  readonly stored: (StoredRecord & { readonly clash: boolean })[] = [];
  /** Size of each group that was appended. */
  readonly groups: number[] = [];
  /** Called before each append; throw to fail it, wait to hold it. */
  before: (records: readonly NewRecord[]) => Promise<void> | void = () => {};
  readonly #seen = new Map<string, { readonly hash: string; readonly id: string }[]>();

  async append(records: readonly NewRecord[]): Promise<AppendResult[]> {
    await this.before(records);
    this.groups.push(records.length);
    return records.map((record) => this.place(record));
  }

  async read(cursor: number, limit: number): Promise<StoredRecord[]> {
    return this.stored.filter(({ position }) => position > cursor).slice(0, limit);
  }

  private place(record: NewRecord): AppendResult {
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
