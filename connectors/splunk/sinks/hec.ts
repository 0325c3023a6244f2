import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { ActionFailure, defineSink, SinkFailure, type Delivery, type HttpResponse, type SinkDocument } from '#sdk/index.js';
import { splunkConfig } from '../config.js';

const compress = promisify(gzip);

/** Splunk Cloud asks for about 1 MB a request. */
const MAX_DOCUMENTS = 500;
const MAX_BYTES = 1_000_000;

const TOO_LARGE = 413;
const TOO_MANY = 429;
/** Codes of the HTTP Event Collector that pass by themselves: server error, busy, unhealthy. */
const PASSING = new Set([8, 9, 18, 19, 20]);
/** Codes about one event, which `invalid-event-number` names: format, index, event missing or blank, indexed fields. */
const OF_ONE_EVENT = new Set([6, 7, 12, 13, 15]);
const WRONG_INDEX = 7;
/** Answers to what stands in a request; without a code of the collector they are those of a firewall before it. */
const ABOUT_CONTENT = new Set([400, 403, 406]);

/**
 * Splunk HTTP Event Collector: JSON objects one after another, gzip. HEC knows no ids, so a request that was repeated may be
 * indexed twice; `cordon_id` among the indexed fields tells copies apart.
 */
export const hec = defineSink({
  title: 'Splunk HTTP Event Collector',
  config: splunkConfig,
  open({ config, http }) {
    const url = new URL('services/collector/event', config.url.endsWith('/') ? config.url : `${config.url}/`).href;
    const headers = { authorization: `Splunk ${config.token.reveal()}`, 'content-type': 'application/json', 'content-encoding': 'gzip' };

    const post = async (documents: readonly SinkDocument[], signal: AbortSignal): Promise<HttpResponse> => {
      const body = documents.map((document) => JSON.stringify(eventOf(document, config))).join('\n');
      try {
        return await http.request({ method: 'POST', url, headers, body: await compress(body), signal, timeoutMs: config.timeout });
      } catch (error) {
        if (!(error instanceof ActionFailure)) throw error;
        throw new SinkFailure('unavailable', error.message, { cause: error });
      }
    };

    /** Events that the collector names as wrong are left out one by one, the rest is sent again. */
    const send = async (documents: readonly SinkDocument[], signal: AbortSignal): Promise<readonly Delivery[]> => {
      const rejected = new Map<SinkDocument, string>();
      for (;;) {
        const rest = documents.filter((document) => !rejected.has(document));
        if (rest.length === 0) break;
        const answer = await post(rest, signal);
        const fault = faultOf(answer, rest.length);
        if (!fault) break;
        const document = rest[fault.index];
        if (!document) throw new SinkFailure('refused', fault.reason, { suspect: true });
        rejected.set(document, fault.reason);
      }
      return documents.map((document) => {
        const reason = rejected.get(document);
        return reason === undefined ? { status: 'accepted' } : { status: 'rejected', reason };
      });
    };

    return { maxDocuments: MAX_DOCUMENTS, maxBytes: MAX_BYTES, prepare: () => Promise.resolve(), send, close: () => Promise.resolve() };
  },
});

interface HecOptions {
  readonly index?: string | undefined;
  readonly host: string;
}

function eventOf({ id, dataset, doc }: SinkDocument, { index, host }: HecOptions): object {
  const timestamp = doc['@timestamp'];
  const seconds = typeof timestamp === 'string' ? Date.parse(timestamp) / 1_000 : Number.NaN;
  return {
    ...(Number.isNaN(seconds) ? {} : { time: seconds }),
    host,
    source: 'cordon',
    sourcetype: dataset.replace('.', ':'),
    ...(index === undefined ? {} : { index }),
    event: doc,
    fields: { cordon_id: id },
  };
}

/** The one event that a 400 is about. @returns undefined for success. @throws SinkFailure for everything that is about the request */
function faultOf({ status, json, text, retryAfterMs }: HttpResponse, count: number): { index: number; reason: string } | undefined {
  if (status < 300) return undefined;
  const answer = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
  const code = typeof answer.code === 'number' ? answer.code : undefined;
  const words = typeof answer.text === 'string' ? answer.text : text.slice(0, 200);
  const reason = `Splunk answered ${status}${code === undefined ? '' : `, code ${code}`}: ${words}`;
  const number = answer['invalid-event-number'];
  if (status === 400 && code !== undefined && OF_ONE_EVENT.has(code) && typeof number === 'number') {
    // Code 7 names the event after the one it is about; one event alone can only be itself.
    const index = count === 1 ? 0 : Math.max(0, code === WRONG_INDEX ? number - 1 : number);
    return { index, reason };
  }
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === TOO_LARGE) throw new SinkFailure('too_large', reason);
  if (status === TOO_MANY || status >= 500 || (code !== undefined && PASSING.has(code))) throw new SinkFailure('unavailable', reason, wait);
  throw new SinkFailure('refused', reason, { suspect: code === undefined ? ABOUT_CONTENT.has(status) : OF_ONE_EVENT.has(code) });
}
