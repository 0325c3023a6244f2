/**
 * A stand-in for Splunk's HTTP Event Collector that answers with its codes: 2 and 4 for the token, 5 and 6 for the format, 12
 * and 13 for a missing or blank event, 15 for nested indexed fields. It keeps the events for whoever looks.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const KEYS = new Set(['time', 'host', 'source', 'sourcetype', 'index', 'event', 'fields']);

/**
 * @param {{ token: string, port?: number }} options
 * @returns a running receiver; `fault` may be set to a function (event objects → { status, body } or undefined) to break it
 */
export async function startHecReceiver({ token, port = 0 }) {
  const receiver = { url: '', events: [], requests: 0, fault: undefined, close };

  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      receiver.requests += 1;
      const { status, body } = answer(request, Buffer.concat(chunks));
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });

  function answer(request, raw) {
    if (request.method !== 'POST' || !/^\/services\/collector(\/event(\/1\.0)?)?$/.test(request.url)) return { status: 404, body: { text: 'The requested URL was not found', code: 404 } };
    const authorization = request.headers.authorization;
    if (!authorization) return problem(401, 2, 'Token is required');
    if (authorization !== `Splunk ${token}`) return problem(403, 4, 'Invalid token');
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
    if (text.trim() === '') return problem(400, 5, 'No data');
    const objects = [];
    for (const line of text.split('\n')) {
      try {
        objects.push(JSON.parse(line));
      } catch {
        return problem(400, 6, 'Invalid data format', objects.length);
      }
    }
    const fault = receiver.fault?.(objects);
    if (fault) return fault;
    for (const [index, object] of objects.entries()) {
      const wrong = faultOf(object);
      // What came before the wrong one is in, as with Splunk.
      if (wrong) return problem(400, ...wrong, index);
      receiver.events.push(object);
    }
    return { status: 200, body: { text: 'Success', code: 0 } };
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

function faultOf(object) {
  if (typeof object !== 'object' || object === null || Object.keys(object).some((key) => !KEYS.has(key))) return [6, 'Invalid data format'];
  if (object.event === undefined) return [12, 'Event field is required'];
  if (object.event === '') return [13, 'Event field cannot be blank'];
  if (object.time !== undefined && typeof object.time !== 'number') return [15, 'Error in handling indexed fields'];
  if (Object.values(object.fields ?? {}).some((value) => typeof value === 'object')) return [15, 'Error in handling indexed fields'];
  return undefined;
}

const problem = (status, code, text, index) => ({ status, body: { text, code, ...(index === undefined ? {} : { 'invalid-event-number': index }) } });
