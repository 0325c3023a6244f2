/**
 * Log events are named in a catalogue, one file a module (`<module>.log-events.ts`). What a level means: error = someone
 * must act now; warn = someone should look; info = a change of state worth knowing; debug = for the developer.
 * Normal operation writes nothing.
 */
export interface LogEventDefinition {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Fixed sentence; what varies goes into fields. */
  readonly message: string;
}

export type LogEventCatalogue = Readonly<Record<string, LogEventDefinition>>;

/** Fields of a log line. Secrets print as `[secret]`; an Error under `error` is written with message, code and stack. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one event of the catalogue it was made for. */
export type LogWriter<C extends LogEventCatalogue> = (event: Extract<keyof C, string>, fields?: LogFields) => void;

export function defineLogEvents<const C extends LogEventCatalogue>(catalogue: C): C {
  return catalogue;
}
