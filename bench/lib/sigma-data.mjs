// The rules and events of ../shared/sigma in the shape that the engine takes.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../../shared/sigma');

/** Undefined where the data is not on this machine. */
export function sigmaData() {
  if (!existsSync(path.join(folder, 'rules'))) return undefined;
  const ofWindows = windowsLogsources();
  const ofCloud = statedLogsources();
  const windows = lines('regression/events.ndjson').map(JSON.parse).map(({ fields }) => ({ event: fields, logsources: ofWindows(fields) }));
  const cloud = lines('cloud/events.ndjson').map(JSON.parse).map(({ event, logsources }) => ({ event, logsources: logsources.flatMap(ofCloud) }));
  return { rules: path.join(folder, 'rules'), events: [...windows, ...cloud] };
}

/** Categories and services of a Windows event by its channel and event id. */
function windowsLogsources() {
  const facts = table('facts/windows-logsource.tsv').map((row) => ({ ...row, ids: row.event_ids ? row.event_ids.split(',') : undefined }));
  return ({ Channel, EventID }) => facts
    .filter(({ channel, ids }) => channel === Channel && (ids === undefined || ids.includes(String(EventID))))
    .map(({ kind, name }) => ({ product: 'windows', ...(kind === 'category' ? { category: name } : { service: name }) }));
}

/** A cloud event fits every logsource that a rule states for its product and service. */
function statedLogsources() {
  const stated = new Map(table('INDEX.tsv').filter(({ product }) => product).map(({ product, category, service }) => [
    [product, category, service].join('\t'), { product, ...(category && { category }), ...(service && { service }) },
  ]));
  return ({ product, service }) => [...stated.values()].filter((source) => source.product === product && (!service || source.service === service));
}

const lines = (file) => readFileSync(path.join(folder, file), 'utf8').split('\n').filter((line) => line.trim() !== '');

function table(file) {
  const [head, ...rows] = lines(file).map((line) => line.split('\t'));
  return rows.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ''])));
}
