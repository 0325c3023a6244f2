import type { CorrelationOptions } from './options.js';

interface SourceClock {
  /** Newest event time seen. */
  newest: number;
  /** Newest arrival. */
  receivedAt: number;
}

export interface EventClockState {
  readonly watermark: number | null;
  readonly arrived: number | null;
  readonly sources: readonly (readonly [source: string, newest: number, receivedAt: number])[];
}

/**
 * The event-time watermark: no event older than it enters a window any more. Each source has its own, its newest event
 * time less its allowed lateness; the engine's is the least of the active ones and never falls. A source is left out
 * while it is idle, or once even its newest event lies behind the watermark. Where all are idle, event time goes on at
 * the pace of arrival time, so that open windows close although nothing comes.
 *
 * A source is idle that was silent for longer than `idleAfterMs` and than its own lateness while others delivered. Of a
 * silence of all that an event ends, no more than half of `idleAfterMs` counts: after an outage every source delivers
 * what it held back, and none of that is late because another one was quicker. That half keeps a source that is gone
 * from holding back time for good where events are rare.
 */
export class EventClock {
  private readonly sources = new Map<string, SourceClock>();
  private slowest: string | undefined;
  private arrived = Number.NEGATIVE_INFINITY;
  /** Newest arrival of an event, whereas time may have passed since. */
  private heard = Number.NEGATIVE_INFINITY;
  private least = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: Pick<CorrelationOptions, 'allowedLatenessMs' | 'idleAfterMs'>) {}

  get watermark(): number {
    return this.least;
  }

  newestOf(source: string): number {
    return this.sources.get(source)?.newest ?? Number.NEGATIVE_INFINITY;
  }

  observe(source: string, time: number, receivedAt: number): void {
    const clock = this.sources.get(source);
    if (clock) {
      if (time > clock.newest) clock.newest = time;
      if (receivedAt > clock.receivedAt) clock.receivedAt = receivedAt;
    } else {
      this.sources.set(source, { newest: time, receivedAt });
    }
    if (receivedAt > this.arrived) this.arrived = receivedAt;
    if (receivedAt > this.heard) this.heard = receivedAt;
    if (source === this.slowest || this.slowestIsOutdated(source)) this.recompute();
  }

  /** Lets arrival time pass up to an event that is to be observed next. */
  arrive(receivedAt: number): void {
    const forgiven = receivedAt - this.heard - this.options.idleAfterMs / 2;
    if (forgiven > 0 && Number.isFinite(forgiven)) for (const clock of this.sources.values()) clock.receivedAt += forgiven;
    this.pass(receivedAt);
  }

  /** Lets arrival time pass without an event. */
  pass(receivedAt: number): void {
    if (receivedAt <= this.arrived) return;
    this.arrived = receivedAt;
    if (this.sources.size > 0 && this.slowestIsOutdated()) this.recompute();
  }

  /** Ends time: every window closes. */
  end(): void {
    this.least = Number.POSITIVE_INFINITY;
  }

  capture(): EventClockState {
    return {
      watermark: Number.isFinite(this.least) ? this.least : null,
      arrived: Number.isFinite(this.arrived) ? this.arrived : null,
      sources: [...this.sources].map(([source, { newest, receivedAt }]) => [source, newest, receivedAt] as const),
    };
  }

  restore({ watermark, arrived, sources }: EventClockState): void {
    this.least = watermark ?? Number.NEGATIVE_INFINITY;
    this.arrived = arrived ?? Number.NEGATIVE_INFINITY;
    this.sources.clear();
    for (const [source, newest, receivedAt] of sources) this.sources.set(source, { newest, receivedAt });
    this.heard = sources.reduce((latest, [, , receivedAt]) => Math.max(latest, receivedAt), Number.NEGATIVE_INFINITY);
    this.slowest = undefined;
  }

  private slowestIsOutdated(other?: string): boolean {
    const slowest = this.slowest === undefined ? undefined : this.sources.get(this.slowest);
    if (this.slowest === undefined || slowest === undefined || this.isIdle(this.slowest, slowest)) return true;
    const clock = other === undefined ? undefined : this.sources.get(other);
    return other !== undefined && clock !== undefined && this.frontier(other, clock) < this.frontier(this.slowest, slowest);
  }

  private recompute(): void {
    this.slowest = undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [source, clock] of this.sources) {
      if (this.isIdle(source, clock) || clock.newest < this.least) continue;
      const frontier = this.frontier(source, clock);
      if (frontier >= least) continue;
      least = frontier;
      this.slowest = source;
    }
    if (this.slowest === undefined) least = this.extrapolated();
    if (least > this.least) this.least = least;
  }

  private extrapolated(): number {
    let most = Number.NEGATIVE_INFINITY;
    for (const [source, clock] of this.sources) most = Math.max(most, this.frontier(source, clock) + this.arrived - clock.receivedAt);
    return most;
  }

  private frontier(source: string, clock: SourceClock): number {
    return clock.newest - this.options.allowedLatenessMs(source);
  }

  /** A source that may be late by a quarter of an hour may well deliver every ten minutes. */
  private isIdle(source: string, clock: SourceClock): boolean {
    return this.arrived - clock.receivedAt > Math.max(this.options.idleAfterMs, this.options.allowedLatenessMs(source));
  }
}
