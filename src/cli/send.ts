import { createSecretKey, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import axios, { isAxiosError } from 'axios';
import type { ResolvedConfig } from '../config/index.js';
import { isCordonError, uuidv7 } from '../kernel/index.js';
import { signatureHeader } from '../intake/index.js';
import { cliErrors } from './cli.errors.js';
import { deliveryBatches, type Batch } from './delivery-batches.js';
import { ExitCode } from './exit-codes.js';
import { readConfig } from './read-config.js';
import type { SendOptions } from './send.command.js';
import { isLoopback, serverAddress } from './server-address.js';

/** Where to send and how to prove who sends. */
export interface SendTarget {
  readonly url: string;
  /** Headers that prove the sender for these very bytes at this time. */
  readonly prove: (body: Buffer, now: Date) => Record<string, string>;
}

interface Outcome {
  readonly status: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: string }[];
  readonly ids: readonly string[];
  readonly code?: string;
  readonly title?: string;
}

export interface SendResult {
  /** What `--delivery` was or would have to be, to repeat the call without storing twice. */
  readonly delivery: string;
  sent: number;
  deliveries: number;
  accepted: number;
  duplicates: number;
  rejected: { record: number; code: string }[];
  ids: string[];
}

const BATCH_BYTES = 1024 * 1024;
const TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const SECOND = 1000;

/**
 * `cordon send`: exits 0 when every record is stored (now or before), 1 when some were refused or the server did not take
 * them, 2 when the input cannot be read.
 */
export async function send(file: string, options: SendOptions): Promise<number> {
  let target: SendTarget;
  let input: Readable;
  try {
    target = targetOf(options);
    input = await openInput(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    process.stderr.write(`cordon: ${error.message}\n`);
    return ExitCode.usage;
  }
  const result: SendResult = { delivery: options.delivery ?? uuidv7(), sent: 0, deliveries: 0, accepted: 0, duplicates: 0, rejected: [], ids: [] };
  try {
    for await (const batch of deliveryBatches(input, { maxRecords: options.batch, maxBytes: BATCH_BYTES })) {
      const outcome = await deliver(target, `${result.delivery}-${result.deliveries}`, batch, options);
      add(result, outcome, batch);
    }
  } catch (error) {
    // What went before is stored: said here, so that the rest can follow without storing it again.
    print(result, options.json === true);
    throw resumable(error, result.delivery);
  }
  print(result, options.json === true);
  return result.rejected.length === 0 ? ExitCode.ok : ExitCode.findings;
}

function resumable(error: unknown, delivery: string): unknown {
  if (!isCordonError(error, 'cli.send_failed')) return error;
  return cliErrors.create('cli.send_failed', { ...error.details, detail: `${error.details.detail ?? ''}; go on with --delivery ${delivery}`, cause: error });
}

async function openInput(file: string): Promise<Readable> {
  if (file === '-') return process.stdin;
  const stream = createReadStream(file);
  await once(stream, 'open');
  return stream;
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => typeof error === 'object' && error !== null && 'syscall' in error;

function targetOf({ source, config, url, secretFile }: SendOptions): SendTarget {
  const settings = url !== undefined && secretFile !== undefined ? undefined : readConfig(config);
  const base = url ?? serverAddress(settings?.server);
  const secret = secretFile === undefined ? undefined : readFileSync(secretFile, 'utf8').trim();
  return { url: new URL(`/v1/intake/${encodeURIComponent(source)}`, base).href, prove: proverOf(source, settings, secret) };
}

function proverOf(source: string, config: ResolvedConfig | undefined, secret: string | undefined): SendTarget['prove'] {
  const auth = config?.sources[source]?.auth;
  if (config !== undefined && auth === undefined && secret === undefined) {
    throw cliErrors.create('cli.source_unknown', { detail: `${source}; the configuration has ${Object.keys(config.sources).join(', ') || 'none'}` });
  }
  if (auth?.type === 'none') return () => ({});
  const text = secret ?? auth?.keys[0]?.secret.reveal() ?? '';
  if (auth?.type === 'bearer') return () => ({ authorization: `Bearer ${text}` });
  const key: KeyObject = createSecretKey(Buffer.from(text));
  return (body, now) => ({ 'x-cordon-signature': signatureHeader(key, now, body) });
}

/** Posts one delivery until it is stored or refused for good. Each attempt is signed anew under the same delivery id. */
async function deliver(target: SendTarget, delivery: string, { body: plain, contentType }: Batch, { gzip, retries }: SendOptions): Promise<Outcome> {
  const body = gzip ? gzipSync(plain) : plain;
  const encoding: Record<string, string> = gzip ? { 'content-encoding': 'gzip' } : {};
  for (let attempt = 0; ; attempt += 1) {
    const now = new Date();
    const headers = { 'content-type': contentType, 'x-cordon-delivery': delivery, ...encoding, ...target.prove(body, now) };
    const answer = await post(target.url, body, headers);
    const pause = answer === undefined ? 0 : pauseOf(answer.outcome, answer.retryAfter, now);
    if (answer !== undefined && pause === undefined) return answer.outcome;
    if (attempt === retries) {
      throw cliErrors.create('cli.send_failed', { detail: `${target.url}: ${answer?.outcome.code ?? 'no connection'} after ${attempt + 1} attempts` });
    }
    const backoff = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
    process.stderr.write(`cordon: ${answer?.outcome.code ?? 'no connection'}, trying again\n`);
    await sleep(pause || backoff);
  }
}

/** Milliseconds after which the same delivery may be taken, or undefined where it is decided. */
function pauseOf({ status, code }: Outcome, retryAfter: number | undefined, signedAt: Date): number | undefined {
  if (status === 429 || status === 503) return (retryAfter ?? 0) * SECOND;
  // The same bytes were signed in the same second for another delivery: a signature of the next second differs.
  if (code === 'intake.replayed') return SECOND - (signedAt.getTime() % SECOND);
  return undefined;
}

async function post(url: string, body: Buffer, headers: Record<string, string>): Promise<{ outcome: Outcome; retryAfter: number | undefined } | undefined> {
  try {
    const { status, data, headers: answered } = await axios.post<Partial<Outcome>>(url, body, {
      headers,
      timeout: TIMEOUT_MS,
      maxRedirects: 0,
      maxBodyLength: Infinity,
      validateStatus: () => true,
      ...(isLoopback(url) && { proxy: false as const }),
    });
    const retryAfter = Number(answered['retry-after']);
    return { outcome: { accepted: 0, duplicates: 0, rejected: [], ids: [], ...data, status }, retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined };
  } catch (error) {
    if (isAxiosError(error)) return undefined;
    throw error;
  }
}

function add(result: SendResult, outcome: Outcome, batch: Batch): void {
  const { status, accepted, duplicates, rejected, ids, code, title } = outcome;
  // A refusal of single records lists them; any other one refuses the delivery, and all that follow would fare the same.
  if (status !== 202 && rejected.length === 0) throw cliErrors.create('cli.send_failed', { detail: `${status} ${code ?? ''} ${title ?? ''}`.trim() });
  result.rejected.push(...rejected.map((entry) => ({ record: result.sent + entry.index + 1, code: entry.code })));
  result.sent += batch.records;
  result.deliveries += 1;
  result.accepted += accepted;
  result.duplicates += duplicates;
  result.ids.push(...ids);
}

function print(result: SendResult, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { sent, deliveries, accepted, duplicates, rejected } = result;
  process.stdout.write(`sent ${sent} records in ${deliveries} deliveries: ${accepted} accepted, ${duplicates} duplicates, ${rejected.length} rejected\n`);
  for (const { record, code } of rejected) process.stdout.write(`  record ${record}: ${code}\n`);
}
