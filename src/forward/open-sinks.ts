import type { ResolvedConfig } from '../config/index.js';
import type { Dialer, HttpClient, Sink } from '../kernel/index.js';
import type { Connector } from '../sdk/index.js';
import { forwardErrors } from './forward.errors.js';

export interface ConfiguredSink {
  readonly sink: Sink;
  readonly options: ResolvedConfig['forward']['sinks'][string];
}

/** The sinks of `forward.sinks`, bound to their connectors' sections. @throws CordonError `forward.sink_not_configured` */
export function openSinks({ forward, connectors: sections }: Pick<ResolvedConfig, 'forward' | 'connectors'>, connectors: readonly Connector[], outside: { readonly http: HttpClient; readonly dialer: Dialer }): ConfiguredSink[] {
  return Object.entries(forward.sinks).map(([id, options]) => {
    const field = `forward.sinks.${id}`;
    const known = connectors.filter(({ sink }) => sink).map((connector) => connector.id);
    const definition = connectors.find((connector) => connector.id === id)?.sink;
    if (!definition) throw forwardErrors.create('forward.sink_not_configured', { field, detail: `${field}: no connector of this name forwards; known: ${known.join(', ')}` });
    const section = (sections)[id];
    if (section === undefined) throw forwardErrors.create('forward.sink_not_configured', { field, detail: `${field}: connectors.${id} is missing` });
    return { sink: definition.bind(id, { config: section, ...outside }), options };
  });
}
