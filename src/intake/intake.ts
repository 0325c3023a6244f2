import { createSecretKey, type KeyObject } from 'node:crypto';
import { BINDING_KEY_BYTES, isCordonError, uuidv7, type AppendResult, type Binding, type Clock, type CordonError, type EventLog, type NewRecord } from '../kernel/index.js';
import type { Telemetry } from '../platform/index.js';
import { buildRecords, type BuiltRecords, type Delivery, type RecordLimits, type Rejection } from './build-records.js';
import { ByteBudget, type Reservation } from './byte-budget.js';
import { GroupCommitter, type CommitReport, type Submission } from './group-committer.js';
import { inflate } from './inflate.js';
import { intakeErrors } from './intake.errors.js';
import { intakeLogEvents } from './intake.log-events.js';
import { intakeMetrics } from './intake.metrics.js';
import { Refusals, UNKNOWN_SOURCE } from './refusals.js';
import type { Claim, Headers, ProvenSignature } from './sender-proof.js';
import type { IntakeSource } from './sources.js';
import { isLineType, splitBody } from './split-body.js';

export interface IntakeLimits extends RecordLimits {
  readonly maxBodyBytes: number;
  readonly maxInflatedBytes: number;
  readonly maxRecords: number;
  readonly commitRecords: number;
  /** Bytes of bodies in flight before new deliveries get 429. */
  readonly queueBytes: number;
}

export interface IntakeParts {
  readonly sources: ReadonlyMap<string, IntakeSource>;
  readonly limits: IntakeLimits;
  readonly log: Pick<EventLog, 'appendBound'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Whether the disk has too little room to take more; absent where the disk is not ours to watch. */
  readonly diskFloor?: { readonly isLow: boolean };
  /** Keys the hash of received bytes. */
  readonly dedupeKey: Buffer;
}

/** A delivery whose headers were accepted; its body is still to come. */
export interface Admission {
  readonly source: IntakeSource;
  readonly claim: Claim;
  readonly deliveryId: string | undefined;
  readonly gzip: boolean;
  readonly lines: boolean;
  readonly receivedAt: Date;
  readonly memory: Reservation;
  /** Whether {@link Intake.deliver} has it: it works on when the sender goes away, and the memory stays held meanwhile. */
  delivering: boolean;
}

/** Body of the 202 answer. */
export interface DeliveryResult {
  /** Records stored by this delivery. */
  readonly accepted: number;
  /** Records that had been stored before. */
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
  /** Ids of the records in their order, rejected ones left out; a duplicate's is that of the record stored before. */
  readonly ids: readonly string[];
}

interface Authenticated {
  readonly delivery: Delivery;
  /** Of the signature to the delivery, where there is a signature. */
  readonly binding?: Binding | undefined;
}

const MAX_GZIP_RATIO = 100;
const COMMIT_BYTES = 8 * 1024 * 1024;
const RETRY_AFTER_BUSY = 1;
const RETRY_AFTER_LOG = 2;
const RETRY_AFTER_DISK = 60;
const DELIVERY_ID = /^[\x21-\x7e]{1,128}$/;

/** The way of a delivery: headers → body → records → durable → answer. Knows nothing of Fastify. */
export class Intake {
  readonly refusals: Refusals;
  readonly committer: GroupCommitter;
  readonly #metrics;
  readonly #log;
  readonly #budget: ByteBudget;
  readonly #hashKey: KeyObject;
  #failing = false;

  constructor(private readonly parts: IntakeParts) {
    const { telemetry, limits, clock, log, dedupeKey } = parts;
    this.#metrics = telemetry.metrics(intakeMetrics);
    this.#log = telemetry.log(intakeLogEvents);
    this.#budget = new ByteBudget(limits.queueBytes);
    this.#hashKey = createSecretKey(dedupeKey);
    this.refusals = new Refusals(clock, telemetry);
    this.committer = new GroupCommitter(log, { maxRecords: limits.commitRecords, maxBytes: COMMIT_BYTES }, (report) => this.noteCommit(report));
    for (const source of parts.sources.values()) if (source.open) this.#log('intake.source_open', { source: source.name });
  }

  /** Bytes that deliveries in flight hold. */
  get heldBytes(): number {
    return this.#budget.held;
  }

  /**
   * Decides on the headers alone, so that the body of a stranger is not read where they betray it. The caller tells
   * {@link arrived} of the body and {@link closed} when the request is over, however it ends.
   * @param peer address of the sender
   */
  admit(name: string, headers: Headers, peer: string): Admission {
    const { limits } = this.parts;
    const receivedAt = this.parts.clock.now();
    const source = this.parts.sources.get(name);
    if (!source) throw this.refusals.refuse(UNKNOWN_SOURCE, 'unknown_source');
    const claim = source.proof.claim(headers, receivedAt);
    if (typeof claim === 'string') throw this.refusals.refuse(name, claim, { headers: { 'www-authenticate': source.proof.challenge } });
    if (this.parts.diskFloor?.isLow) throw this.refusals.refuse(name, 'disk_full', { retryAfter: RETRY_AFTER_DISK });
    const deliveryId = headers['x-cordon-delivery'];
    if (deliveryId !== undefined && (typeof deliveryId !== 'string' || !DELIVERY_ID.test(deliveryId))) throw this.refusals.refuse(name, 'delivery_id');
    const encoding = headers['content-encoding'];
    const gzip = encoding === 'gzip';
    if (!gzip && encoding !== undefined && encoding !== 'identity') throw this.refusals.refuse(name, 'content_encoding', { detail: String(encoding).slice(0, 40) });
    const length = Number(headers['content-length'] ?? 0);
    if (length > limits.maxBodyBytes) throw this.refusals.refuse(name, 'body_too_large', { detail: `${length} bytes; the limit is ${limits.maxBodyBytes}` });
    const proven = claim.kind === 'accepted' && claim.proven;
    const memory = this.#budget.open(proven ? undefined : peer);
    if (!memory.fits(length)) throw this.busy(source);
    return { source, claim, deliveryId, gzip, lines: isLineType(first(headers['content-type'])), receivedAt, memory, delivering: false };
  }

  /**
   * Takes room for the body so far. A length in the headers is a promise only: room is what has arrived.
   * @throws CordonError `intake.body_too_large`, `intake.busy`
   */
  arrived({ source, memory }: Admission, bytes: number): void {
    const { maxBodyBytes } = this.parts.limits;
    if (bytes > maxBodyBytes) throw this.refusals.refuse(source.name, 'body_too_large', { detail: `the limit is ${maxBodyBytes} bytes` });
    if (!memory.resize(bytes)) throw this.busy(source);
  }

  /** Gives back the memory of a request that ended before its body did. */
  closed({ delivering, memory }: Admission): void {
    if (!delivering) memory.release();
  }

  /** @throws CordonError `intake.*` */
  async deliver(admission: Admission, received: Buffer): Promise<DeliveryResult> {
    admission.delivering = true;
    try {
      return await this.store(admission, received);
    } finally {
      admission.memory.release();
    }
  }

  private async store(admission: Admission, received: Buffer): Promise<DeliveryResult> {
    const { source } = admission;
    const { delivery, binding } = this.authenticate(admission, received);
    const { records, rejected } = await this.read(admission, delivery, received);
    this.count(source, 'rejected', rejected.length);
    if (records.length === 0) throw this.refusals.refuse(source.name, 'all_rejected', { extra: { accepted: 0, duplicates: 0, rejected, ids: [] } });
    const wait = source.quota?.take(records.length, admission.receivedAt.getTime()) ?? 0;
    if (wait > 0) throw this.refusals.refuse(source.name, 'quota', { retryAfter: wait });
    const results = await this.append(source, { records, binding });
    this.#metrics.cordon_intake_bytes_total.inc({ source: source.name }, received.length);
    return this.summarise(source, records, results, rejected);
  }

  private authenticate({ source, claim, deliveryId, receivedAt, memory }: Admission, received: Buffer): Authenticated {
    const proof = source.proof.prove(claim, received);
    if (!proof.ok) throw this.refusals.refuse(source.name, proof.reason, { headers: { 'www-authenticate': source.proof.challenge } });
    memory.prove();
    const { signature } = proof;
    // Without an id of the sender's the signature names the delivery: sent again, it is the same one.
    const id = deliveryId ?? (signature && `sig-${signature.bytes.toString('hex')}`);
    if (id === undefined) return { delivery: { source, id: uuidv7(), named: false, receivedAt } };
    return { delivery: { source, id, named: true, receivedAt }, binding: signature && bindingOf(signature, id) };
  }

  private async read(admission: Admission, delivery: Delivery, received: Buffer): Promise<BuiltRecords> {
    const { limits } = this.parts;
    try {
      const body = admission.gzip ? await this.inflate(admission, received) : received;
      const ranges = splitBody(body, { format: delivery.source.format, maxRecords: limits.maxRecords, lines: admission.lines });
      return buildRecords(body, ranges, delivery, limits, this.#hashKey);
    } catch (error) {
      if (isCordonError(error)) this.refusals.countError(delivery.source.name, error);
      throw error;
    }
  }

  private inflate({ memory }: Admission, received: Buffer): Promise<Buffer> {
    const limits = { maxBytes: this.parts.limits.maxInflatedBytes, maxRatio: MAX_GZIP_RATIO };
    return inflate(received, limits, (size) => {
      if (!memory.resize(received.length + size)) throw intakeErrors.create('intake.busy', { retryAfter: RETRY_AFTER_BUSY });
    });
  }

  private async append(source: IntakeSource, submission: Submission): Promise<readonly AppendResult[]> {
    const outcome = await this.committer.submit(source.name, submission).catch((error: unknown) => {
      throw this.unavailable(source, error);
    });
    if (outcome === 'refused') throw this.refusals.refuse(source.name, 'replayed');
    return outcome;
  }

  private busy(source: IntakeSource): CordonError {
    return this.refusals.refuse(source.name, 'busy', { retryAfter: RETRY_AFTER_BUSY });
  }

  /** Whatever kept a record from the log, it may be sent again under its delivery id: the sender always gets 429. */
  private unavailable(source: IntakeSource, error: unknown): CordonError {
    const retryAfter = (isCordonError(error) ? error.details.retryAfter : undefined) ?? RETRY_AFTER_LOG;
    return this.refusals.refuse(source.name, 'log_unavailable', { retryAfter, cause: error });
  }

  private summarise(source: IntakeSource, records: readonly NewRecord[], results: readonly AppendResult[], rejected: readonly Rejection[]): DeliveryResult {
    const outcomes = { stored: 0, clash: 0, duplicate: 0 };
    const ids = records.map(({ id }, index) => {
      const result = results[index];
      if (!result) throw new TypeError('the log gave fewer results than records');
      outcomes[result.status] += 1;
      return result.status === 'duplicate' ? result.originalId : id;
    });
    for (const outcome of ['stored', 'clash', 'duplicate'] as const) this.count(source, outcome, outcomes[outcome]);
    return { accepted: outcomes.stored + outcomes.clash, duplicates: outcomes.duplicate, rejected, ids };
  }

  private count(source: IntakeSource, outcome: 'stored' | 'duplicate' | 'clash' | 'rejected', by: number): void {
    if (by > 0) this.#metrics.cordon_intake_records_total.inc({ source: source.name, outcome }, by);
  }

  /** One line when storing begins to fail and one when it works again, however many groups fail in between. */
  private noteCommit({ records, seconds, error }: CommitReport): void {
    this.#metrics.cordon_intake_commit_records.observe(records);
    this.#metrics.cordon_intake_commit_seconds.observe(seconds);
    const failing = error !== undefined;
    if (failing && !this.#failing) this.#log('intake.append_failed', { records, error });
    if (!failing && this.#failing) this.#log('intake.append_recovered');
    this.#failing = failing;
  }
}

/**
 * The delivery id is not part of what is signed, so a captured request could be sent again under a new one and would be
 * stored as a new delivery. Bound under a name of the server's making too, or it could be sent again under one of its own.
 */
function bindingOf({ bytes, freshUntil }: ProvenSignature, holder: string): Binding {
  return { key: bytes.subarray(0, BINDING_KEY_BYTES), holder, expires: freshUntil };
}

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
