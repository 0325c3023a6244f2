import type { z } from 'zod';
import type { Dialer, HttpClient, Resolved, Sink } from '../kernel/index.js';

export interface SinkParts<Config> {
  /** The connector's section of the configuration; secrets are wrapped. */
  readonly config: Config;
  readonly http: HttpClient;
  readonly dialer: Dialer;
}

/** What an author writes so that a connector takes documents. */
export interface SinkDefinition<Config extends z.ZodType> {
  readonly title: string;
  /** The connector's configuration schema, the same object as in `defineConnector`. */
  readonly config: Config;
  /** Makes the sink; connects to nothing yet. */
  readonly open: (parts: SinkParts<Resolved<z.output<Config>>>) => Omit<Sink, 'id'>;
}

/** A sink ready to be bound to a configuration. */
export interface ConnectorSink {
  readonly title: string;
  readonly config: z.ZodType;
  /** @param parts.config the resolved section of the connector */
  bind(id: string, parts: SinkParts<unknown>): Sink;
}

export function defineSink<Config extends z.ZodType>({ title, config, open }: SinkDefinition<Config>): ConnectorSink {
  return {
    title,
    config,
    bind: (id, parts) => {
      const opened = open(parts as SinkParts<Resolved<z.output<Config>>>);
      return {
        id,
        maxDocuments: opened.maxDocuments,
        maxBytes: opened.maxBytes,
        prepare: (signal) => opened.prepare(signal),
        send: (documents, signal) => opened.send(documents, signal),
        close: () => opened.close(),
      };
    },
  };
}
