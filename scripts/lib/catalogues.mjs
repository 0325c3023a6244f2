import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The catalogues of every module below `folder` (`dist/src` with extension `js`, or `src` with `ts` inside jest): each
 * module declares its part in `<module>.errors`, `<module>.metrics` and `<module>.log-events`, here they are joined.
 */
export async function loadCatalogues(folder, extension) {
  const modules = async (kind) => {
    const loaded = [];
    // One after the other: jest's module loader fails on imports that run at the same time and share a file.
    for (const file of filesBelow(folder).filter((name) => name.endsWith(`.${kind}.${extension}`)).sort()) {
      loaded.push(await import(pathToFileURL(file).href));
    }
    return loaded;
  };
  const exported = (loaded) => loaded.flatMap((module) => Object.values(module));
  const errors = exported(await modules('errors')).filter(isObject).flatMap(({ catalogue }) => Object.entries(catalogue ?? {}));
  const metrics = exported(await modules('metrics')).filter(isObject).flatMap((catalogue) => Object.entries(catalogue)).filter(([, entry]) => entry?.help);
  const logEvents = exported(await modules('log-events')).filter(isObject).flatMap((catalogue) => Object.entries(catalogue)).filter(([, entry]) => entry?.message);
  const { configKeys } = await import(pathToFileURL(path.join(folder, `config/index.${extension}`)).href);
  const { connectors } = await import(pathToFileURL(path.join(folder, `connectors.${extension}`)).href);
  return { errors: joined(errors), metrics: joined(metrics), logEvents: joined(logEvents), config: configKeys(connectors) };
}

const isObject = (value) => typeof value === 'object' && value !== null;

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** One sorted list. A name that two modules declare would make one of them unreachable, so it is refused. */
function joined(entries) {
  const byName = new Map();
  for (const [name, entry] of entries) {
    if (byName.has(name) && byName.get(name) !== entry) throw new Error(`${name} is declared by two modules`);
    byName.set(name, entry);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, entry]) => ({ name, ...entry }));
}
