import { ecsValue, entityKey, type EntityType, type JsonObject, type SignalEntity } from '../kernel/index.js';

/** Fields that name an entity, by type. The actor only: whom an action was done to is not whom the signal is about. */
const FIELDS: readonly (readonly [EntityType, readonly string[]])[] = [
  ['account', ['user.id', 'user.name', 'user.email']],
  ['token', ['cordon.gateway.token.id']],
  ['ip', ['source.ip', 'client.ip']],
  ['host', ['host.name']],
  ['endpoint', ['cordon.gateway.route', 'url.path']],
];
const DATA_CLASS_FIELDS = ['cordon.dlp.label', 'cordon.gateway.data_classes'];

/** Entities one signal names at most; those that every event names come first. */
const MAX_ENTITIES = 100;

/**
 * Entities that a signal's group and cited events name, in the order of {@link FIELDS}. One is `everywhere` when the
 * group or every cited event names it.
 */
export function signalEntities(group: Readonly<Record<string, string>>, documents: readonly JsonObject[]): SignalEntity[] {
  const found = new Map<string, { type: EntityType; value: string; documents: Set<number>; grouped: boolean }>();
  const note = (type: EntityType, value: string, document?: number): void => {
    const key = `${type}:${entityKey({ type, value })}`;
    const entry = found.get(key) ?? { type, value, documents: new Set(), grouped: false };
    if (document === undefined) entry.grouped = true;
    else entry.documents.add(document);
    found.set(key, entry);
  };
  for (const [type, paths] of FIELDS) {
    for (const path of paths) {
      const grouped = group[path];
      if (grouped !== undefined && grouped !== '') note(type, grouped);
      documents.forEach((document, index) => texts(ecsValue(document, path)).forEach((value) => note(type, value, index)));
    }
  }
  const entities = [...found.values()].map(({ type, value, documents: naming, grouped }) => ({
    type,
    value,
    everywhere: grouped || (documents.length > 0 && naming.size === documents.length),
  }));
  return [...entities.filter(({ everywhere }) => everywhere), ...entities.filter(({ everywhere }) => !everywhere)].slice(0, MAX_ENTITIES);
}

/** Classes of the data that the cited events concern, sorted. */
export function signalDataClasses(documents: readonly JsonObject[]): string[] {
  return [...new Set(documents.flatMap((document) => DATA_CLASS_FIELDS.flatMap((path) => texts(ecsValue(document, path)))))].sort();
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string' && item !== '');
