import type { FactSink, JsonObject, NewFact, Signal } from '../kernel/index.js';
import { toJson, type DatabaseTx } from '../platform/index.js';
import { signalDataClasses, signalEntities } from './signal-entities.js';
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
    const cited = groupBySignal(await tx.query<CitedRow>(COPY_EVIDENCE, [fresh.map(({ id }) => id)]));
    await this.facts.append(tx, fresh.map((signal) => firedFact(signal, cited.get(signal.id) ?? [])));
    return fresh;
  }
}

interface CitedRow {
  signal_id: string;
  source: string;
  doc: JsonObject;
}

function groupBySignal(rows: readonly CitedRow[]): Map<string, CitedRow[]> {
  const bySignal = new Map<string, CitedRow[]>();
  for (const row of rows) {
    const list = bySignal.get(row.signal_id);
    if (list) list.push(row);
    else bySignal.set(row.signal_id, [row]);
  }
  return bySignal;
}

function firedFact({ id, ruleId, ruleTitle, level, tags, group, eventIds, first, last }: Signal, cited: readonly CitedRow[]): NewFact<'signal.fired'> {
  const documents = cited.map(({ doc }) => doc);
  return {
    type: 'signal.fired',
    subject: `signal:${id}`,
    body: {
      signalId: id,
      ruleId,
      ruleTitle,
      level,
      tags: [...tags],
      group: { ...group },
      eventIds: [...eventIds],
      first: first.toISOString(),
      last: last.toISOString(),
      entities: signalEntities(group, documents),
      sources: [...new Set(cited.map(({ source }) => source))].sort(),
      dataClasses: signalDataClasses(documents),
    },
  };
}
