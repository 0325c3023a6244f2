import type { Client, estypes } from '@elastic/elasticsearch';
import { ActionFailure, defineSink, SinkFailure, type Delivery, type SinkDocument } from '#sdk/index.js';
import { elasticConfig } from '../config.js';
import { TEMPLATE, TEMPLATE_NAME } from './index-template.js';

const MAX_DOCUMENTS = 1_000;
const MAX_BYTES = 5 * 1024 * 1024;

const CONFLICT = 409;
const TOO_LARGE = 413;
const TOO_MANY = 429;
const BAD_REQUEST = 400;
/** Answers of a firewall to what stands in a request. */
const FORBIDDEN = new Set([403, 406]);
/** A shard or a node is away, whatever the document. */
const AWAY = new Set([502, 503, 504]);

/**
 * Elasticsearch data streams `logs-<dataset>-<namespace>`, by `_bulk` with `create` and our id: a document that comes twice is a
 * conflict, which is success. A 200 may carry refused items, so each is looked at.
 */
export const dataStreams = defineSink({
  title: 'Elasticsearch data streams',
  config: elasticConfig,
  open({ config, http }) {
    let opened: Promise<Client> | undefined;
    // The client is large; a product that forwards nothing to Elastic never loads it.
    const client = (): Promise<Client> => {
      opened ??= import('./guarded-client.js').then(({ guardedClient }) =>
        guardedClient(http, { node: config.node, auth: 'apiKey' in config.auth ? { apiKey: config.auth.apiKey.reveal() } : { username: config.auth.username, password: config.auth.password.reveal() } }),
      );
      return opened;
    };
    return {
      maxDocuments: MAX_DOCUMENTS,
      maxBytes: MAX_BYTES,
      async prepare(signal) {
        if (!config.manageTemplate) return;
        await asking(async () => (await client()).indices.putIndexTemplate({ name: TEMPLATE_NAME, ...TEMPLATE }, { signal, requestTimeout: config.timeout }));
      },
      async send(documents, signal) {
        const operations = documents.flatMap(({ id, dataset, doc }) => [
          { create: { _index: `logs-${dataset}-${config.namespace}`, _id: id } },
          { ...doc, data_stream: { type: 'logs', dataset, namespace: config.namespace } },
        ]);
        const { items } = await asking(async () => (await client()).bulk({ operations }, { signal, requestTimeout: config.timeout }));
        return documents.map((document, index) => deliveryOf(document, items[index]?.create));
      },
      async close() {
        if (opened) await (await opened).close();
      },
    };
  },
});

/** 429 and 5xx pass, though a 500 may be about the document; a conflict says that it is there; anything else will not change by itself. */
function deliveryOf({ id }: SinkDocument, item: estypes.BulkResponseItem | undefined): Delivery {
  if (!item || (item._id !== undefined && item._id !== null && item._id !== id)) return { status: 'retry', reason: 'the answer does not name the document' };
  const { status, error } = item;
  if (status < 300) return { status: 'accepted' };
  if (status === CONFLICT) return { status: 'duplicate' };
  const reason = `${status} ${error?.type ?? 'unknown'}: ${error?.reason ?? 'no reason given'}`;
  if (status !== TOO_MANY && status < 500) return { status: 'rejected', reason };
  return { status: 'retry', reason, suspect: status !== TOO_MANY && !AWAY.has(status) };
}

async function asking<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): SinkFailure {
  if (error instanceof ActionFailure) return new SinkFailure('unavailable', error.message, { cause: error, ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }) });
  if (!(error instanceof Error)) return new SinkFailure('unavailable', String(error));
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  const message = status === undefined ? `${error.name}: ${error.message}` : `Elasticsearch answered ${status}: ${error.message}`;
  if (status === TOO_LARGE) return new SinkFailure('too_large', message, { cause: error });
  const lasting = error.name === 'ProductNotSupportedError' || (status !== undefined && status >= 400 && status < 500 && status !== TOO_MANY);
  // Elasticsearch answers in JSON, what stands before it in a page of its own.
  const isPage = 'body' in error && typeof error.body === 'string';
  const suspect = lasting && status !== undefined && (status === BAD_REQUEST || (FORBIDDEN.has(status) && isPage));
  return new SinkFailure(lasting ? 'refused' : 'unavailable', message, { cause: error, suspect });
}
