import type { FactSink, Signal } from '../kernel/index.js';
import { toJson, type DatabaseTx } from '../platform/index.js';
import { toSignalRow } from './signal-row.js';
import { COPY_EVIDENCE, INSERT_SIGNALS } from './sql.js';

/** Stores signals with the events they cite and states each as a fact, once: a repeat of the same signals writes nothing. */
export class SignalWriter {
  constructor(private readonly facts: FactSink) {}

  /** Gives the signals that were new. */
  async write(tx: DatabaseTx, signals: readonly Signal[]): Promise<Signal[]> {
    if (signals.length === 0) return [];
    const rows = signals.map((signal) => toSignalRow(signal, tx.now));
    const inserted = await tx.query<{ id: string }>(INSERT_SIGNALS, [toJson(rows)]);
    const ids = new Set(inserted.map(({ id }) => id));
    const fresh = signals.filter(({ id }) => ids.delete(id));
    if (fresh.length === 0) return [];
    await tx.query(COPY_EVIDENCE, [fresh.map(({ id }) => id)]);
    await this.facts.append(
      tx,
      fresh.map(({ id, ruleId, level, group, eventIds }) => ({
        type: 'signal.fired',
        subject: `signal:${id}`,
        body: { signalId: id, ruleId, level, group: { ...group }, eventIds: [...eventIds] },
      })),
    );
    return fresh;
  }
}
