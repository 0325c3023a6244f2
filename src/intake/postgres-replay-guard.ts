import type { Clock } from '../kernel/index.js';
import type { Database } from '../platform/index.js';
import type { ReplayGuard } from './replay-guard.js';
import { BIND_SIGNATURES, FORGET_SIGNATURES, READ_SIGNATURES } from './sql.js';

interface Waiting {
  /** Half of the HMAC: 128 bits are plenty to tell signatures apart, and the table is large. */
  readonly signature: Buffer;
  readonly delivery: string;
  readonly expires: Date;
  readonly resolve: (bound: boolean) => void;
  readonly reject: (error: unknown) => void;
}

const KEPT_BYTES = 16;
const MAX_BATCH = 1000;
/** The clock of another instance may be behind ours. */
const GRACE_MS = 60_000;

/** Signatures in the database, so that every instance and a restarted one knows them. Concurrent calls share a statement. */
export class PostgresReplayGuard implements ReplayGuard {
  #waiting: Waiting[] = [];
  #running = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  bind(signature: Buffer, delivery: string, expires: Date): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ signature: signature.subarray(0, KEPT_BYTES), delivery, expires, resolve, reject });
      if (!this.#running) void this.run();
    });
  }

  /** Removes signatures that are refused for their age anyway. */
  async forget(): Promise<void> {
    await this.database.query(FORGET_SIGNATURES, [new Date(this.clock.now().getTime() - GRACE_MS)]);
  }

  private async run(): Promise<void> {
    this.#running = true;
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.bindBatch(this.#waiting.splice(0, MAX_BATCH));
    this.#running = false;
  }

  private async bindBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const bound = await this.deliveriesOf(batch);
      for (const { signature, delivery, resolve } of batch) resolve(bound.get(keyOf(signature)) === delivery);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  private async deliveriesOf(batch: readonly Waiting[]): Promise<Map<string, string>> {
    // One statement may not touch a row twice: of a signature that is twice in the batch the first binds.
    const distinct = new Map<string, Waiting>();
    for (const waiting of batch) if (!distinct.has(keyOf(waiting.signature))) distinct.set(keyOf(waiting.signature), waiting);
    const rows = [...distinct.values()];
    const signatures = Buffer.concat(rows.map(({ signature }) => signature));
    const expires = new Date(rows.reduce((latest, row) => Math.max(latest, row.expires.getTime()), 0));
    const [answer] = await this.database.prepared<{ bound: number }>(BIND_SIGNATURES.name, BIND_SIGNATURES.text, [
      signatures, KEPT_BYTES, rows.map(({ delivery }) => delivery), expires.toISOString(),
    ]);
    // nearly always: nobody had any of them before
    if (answer?.bound === rows.length) return new Map(rows.map(({ signature, delivery }) => [keyOf(signature), delivery]));
    const known = await this.database.prepared<{ signature: Buffer; delivery: string }>(READ_SIGNATURES.name, READ_SIGNATURES.text, [signatures, KEPT_BYTES]);
    return new Map(known.map(({ signature, delivery }) => [keyOf(signature), delivery]));
  }
}

const keyOf = (signature: Buffer) => signature.toString('latin1');
