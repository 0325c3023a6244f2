import { closest } from 'fastest-levenshtein';
import type { Connector, Source } from '../sdk/index.js';
import { normaliseErrors } from './normalise.errors.js';

/** The streams of all connectors by name. */
export class StreamRegistry {
  private readonly sources = new Map<string, Source>();

  constructor(connectors: readonly Connector[]) {
    for (const { id, sources } of connectors) {
      for (const source of sources) {
        if (this.sources.has(source.stream)) throw normaliseErrors.create('normalise.duplicate_stream', { detail: `${source.stream}, again in connector ${id}` });
        this.sources.set(source.stream, source);
      }
    }
  }

  /** In the order of their names. */
  list(): Source[] {
    return [...this.sources.values()].sort((a, b) => (a.stream < b.stream ? -1 : 1));
  }

  find(stream: string): Source | undefined {
    return this.sources.get(stream);
  }

  /** Throws `normalise.unknown_stream`, with the nearest name there is. */
  require(stream: string): Source {
    const source = this.find(stream);
    if (source) return source;
    const nearest = this.nearest(stream);
    throw normaliseErrors.create('normalise.unknown_stream', {
      detail: `'${stream}'${nearest ? `; the nearest is '${nearest}'` : ''}`,
      field: 'stream',
    });
  }

  private nearest(stream: string): string | undefined {
    const names = [...this.sources.keys()];
    return names.length > 0 ? closest(stream, names) : undefined;
  }
}
