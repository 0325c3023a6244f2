import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** One metric of a module's catalogue (`<module>.metrics.ts`). Names follow `cordon_<module>_<what>[_<unit>|_total]`. */
export type MetricDefinition =
  | { readonly type: 'counter'; readonly help: string; readonly labels?: readonly string[] }
  | { readonly type: 'gauge'; readonly help: string; readonly labels?: readonly string[] }
  | { readonly type: 'histogram'; readonly help: string; readonly labels?: readonly string[]; readonly buckets: readonly number[] };

export type MetricCatalogue = Readonly<Record<`cordon_${string}`, MetricDefinition>>;

type LabelsOf<D> = D extends { readonly labels: readonly (infer L extends string)[] } ? L : never;

type HandleOf<D> = D extends { readonly type: 'counter' } ? Counter<LabelsOf<D>> : D extends { readonly type: 'gauge' } ? Gauge<LabelsOf<D>> : Histogram<LabelsOf<D>>;

export type Metrics<C> = { readonly [K in keyof C]: HandleOf<C[K]> };

export function defineMetrics<const C extends MetricCatalogue>(catalogue: C): C {
  return catalogue;
}

/** The live metrics of a catalogue in a registry; the same ones when asked twice. */
export function bindMetrics<C extends MetricCatalogue>(catalogue: C, registry: Registry): Metrics<C> {
  const handles = Object.entries<MetricDefinition>(catalogue).map(([name, definition]) => [name, registry.getSingleMetric(name) ?? create(name, definition, registry)]);
  return Object.fromEntries(handles) as Metrics<C>;
}

function create(name: string, definition: MetricDefinition, registry: Registry) {
  const options = { name, help: definition.help, labelNames: [...(definition.labels ?? [])], registers: [registry] };
  if (definition.type === 'counter') return new Counter(options);
  if (definition.type === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, buckets: [...definition.buckets] });
}
