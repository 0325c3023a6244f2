/**
 * A stand-in for Elasticsearch that takes what a forwarder sends to data streams and refuses what Elasticsearch would refuse:
 * a wrong content type, an operation other than `create`, a data stream without a template, a document without `@timestamp`.
 * An id that comes twice is a conflict. It keeps the documents for whoever looks.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const BULK_TYPES = /^application\/(vnd\.elasticsearch\+)?x-ndjson\b/;
const JSON_TYPES = /^application\/(vnd\.elasticsearch\+)?json\b/;

/**
 * @param {{ apiKey: string, port?: number }} options
 * @returns a running receiver; `fault` may be set to a function (request path → { status, body } or undefined) to break it
 */
export async function startElasticReceiver({ apiKey, port = 0 }) {
  const streams = new Map();
  const templates = [];
  const receiver = { url: '', streams, templates, requests: [], fault: undefined, documents: () => [...streams.values()].flatMap((stream) => [...stream.values()]), close };

  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
      const { status, body } = answer(request, text);
      response.writeHead(status, { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=9', 'x-elastic-product': 'Elasticsearch' });
      response.end(JSON.stringify(body));
    });
  });

  function answer(request, text) {
    const path = request.url.split('?')[0];
    receiver.requests.push({ method: request.method, path, query: request.url.split('?')[1] ?? '', headers: request.headers, text });
    const fault = receiver.fault?.(path);
    if (fault) return fault;
    if (request.headers.authorization !== `ApiKey ${apiKey}`) return error(401, 'security_exception', 'unable to authenticate');
    if (request.method === 'PUT' && path.startsWith('/_index_template/')) return putTemplate(request, text);
    if ((request.method === 'PUT' || request.method === 'POST') && path === '/_bulk') return bulk(request, text);
    return error(405, 'illegal_argument_exception', `${request.method} ${path} is not served here`);
  }

  function putTemplate(request, text) {
    if (!JSON_TYPES.test(request.headers['content-type'] ?? '')) return error(406, 'media_type_header_exception', 'wrong Content-Type');
    const template = JSON.parse(text);
    if (!template.data_stream) return error(400, 'illegal_argument_exception', 'the template makes no data streams');
    templates.push(...template.index_patterns.map((pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)));
    return { status: 200, body: { acknowledged: true } };
  }

  function bulk(request, text) {
    if (!BULK_TYPES.test(request.headers['content-type'] ?? '')) return error(406, 'media_type_header_exception', 'wrong Content-Type');
    if (!text.endsWith('\n')) return error(400, 'illegal_argument_exception', 'The bulk request must be terminated by a newline [\\n]');
    const lines = text.slice(0, -1).split('\n');
    if (lines.length % 2 !== 0) return error(400, 'illegal_argument_exception', 'an operation has no document');
    const items = [];
    for (let index = 0; index < lines.length; index += 2) items.push({ create: create(JSON.parse(lines[index]), JSON.parse(lines[index + 1])) });
    return { status: 200, body: { took: 1, errors: items.some(({ create: { status } }) => status >= 300), items } };
  }

  function create(operation, document) {
    const { _index: stream, _id: id } = operation.create ?? {};
    const refuse = (status, type, reason) => ({ _index: stream ?? '', _id: id ?? null, status, error: { type, reason } });
    if (!operation.create || Object.keys(operation).length !== 1) return refuse(400, 'illegal_argument_exception', 'only write ops with an op_type of create are allowed in data streams');
    if (!templates.some((pattern) => pattern.test(stream))) return refuse(404, 'index_not_found_exception', `no template makes ${stream} a data stream`);
    if (Number.isNaN(Date.parse(document['@timestamp']))) return refuse(400, 'document_parsing_exception', 'data stream timestamp field [@timestamp] is missing');
    const held = streams.get(stream) ?? new Map();
    streams.set(stream, held);
    if (held.has(id)) return refuse(409, 'version_conflict_engine_exception', `[${id}]: version conflict, document already exists`);
    held.set(id, document);
    return { _index: stream, _id: id, _version: 1, result: 'created', status: 201 };
  }

  async function close() {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${server.address().port}`;
  return receiver;
}

const error = (status, type, reason) => ({ status, body: { status, error: { type, reason, root_cause: [{ type, reason }] } } });
