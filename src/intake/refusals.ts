import type { Clock, CordonError, ErrorDetails } from '../kernel/index.js';
import type { Telemetry } from '../platform/index.js';
import { intakeErrors } from './intake.errors.js';
import { intakeMetrics } from './intake.metrics.js';

/**
 * Why a delivery was refused as a whole → the error its sender gets. Several reasons share `intake.unauthenticated`: an
 * attacker must not learn which part of the proof was wrong, the operator must.
 */
const REASONS = {
  unknown_source: 'intake.unknown_source',
  signature_missing: 'intake.unauthenticated',
  signature_malformed: 'intake.unauthenticated',
  signature_wrong: 'intake.unauthenticated',
  timestamp_stale: 'intake.unauthenticated',
  token_missing: 'intake.unauthenticated',
  token_wrong: 'intake.unauthenticated',
  replayed: 'intake.replayed',
  delivery_id: 'intake.delivery_id',
  body_too_large: 'intake.body_too_large',
  content_encoding: 'intake.content_encoding',
  gzip_invalid: 'intake.gzip_invalid',
  gzip_ratio: 'intake.gzip_ratio',
  empty: 'intake.empty',
  too_many_records: 'intake.too_many_records',
  invalid_json: 'intake.invalid_json',
  all_rejected: 'intake.all_rejected',
  quota: 'intake.quota',
  busy: 'intake.busy',
  disk_full: 'intake.disk_full',
  log_unavailable: 'intake.log_unavailable',
} as const;

export type RefusalReason = keyof typeof REASONS;

/** Refused deliveries of one source, reason and minute. */
export interface RefusalCount {
  readonly source: string;
  readonly reason: string;
  readonly minute: Date;
  readonly count: number;
}

/** Stands for every name that is no source: names that strangers choose would grow the metric without bound. */
export const UNKNOWN_SOURCE = '_unknown';

const MINUTE = 60_000;
const SEPARATOR = ' ';

/** Counts refusals for the metric at once and for the audit counters by minute. */
export class Refusals {
  readonly #metric;
  #pending = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    telemetry: Telemetry,
  ) {
    this.#metric = telemetry.metrics(intakeMetrics).cordon_intake_refused_total;
  }

  /** Counts the refusal and gives the error to throw. */
  refuse(source: string, reason: RefusalReason, details: ErrorDetails = {}): CordonError {
    this.count(source, reason);
    return intakeErrors.create(REASONS[reason], details);
  }

  /** Counts an error of the catalogue that was made elsewhere; others pass uncounted. */
  countError(source: string, { code }: CordonError): void {
    const reason = (Object.keys(REASONS) as RefusalReason[]).find((candidate) => REASONS[candidate] === code);
    if (reason !== undefined && code !== 'intake.unauthenticated') this.count(source, reason);
  }

  /** Counts since the last call; give them back to {@link restore} where saving them failed. */
  take(): RefusalCount[] {
    const taken = [...this.#pending].map(([key, count]) => {
      const [minute, reason = '', source = ''] = key.split(SEPARATOR);
      return { source, reason, minute: new Date(Number(minute)), count };
    });
    this.#pending = new Map();
    return taken;
  }

  restore(counts: readonly RefusalCount[]): void {
    for (const { source, reason, minute, count } of counts) this.add(source, reason, minute.getTime(), count);
  }

  private count(source: string, reason: RefusalReason): void {
    this.#metric.inc({ source, reason });
    this.add(source, reason, Math.floor(this.clock.now().getTime() / MINUTE) * MINUTE, 1);
  }

  private add(source: string, reason: string, minute: number, count: number): void {
    const key = [minute, reason, source].join(SEPARATOR);
    this.#pending.set(key, (this.#pending.get(key) ?? 0) + count);
  }
}
