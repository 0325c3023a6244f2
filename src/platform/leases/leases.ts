import type { Database, DatabaseTx } from '../database/index.js';
import type { InstanceBeacon } from './instance-beacon.js';
import { leaseErrors } from './lease.errors.js';
import { ACQUIRE_LEASE, HOLD_LEASE, RELEASE_LEASE } from './sql.js';

/** A held lease. `fence` rises with every change of hands, so that work of an earlier holder can be told apart. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly fence: number;
  readonly ttlMs: number;
}

/**
 * Work that one instance at a time does. A holder that stalls may not notice that its time is over, so time alone
 * protects nothing: each transaction of the work calls {@link assertHeld}.
 */
export class Leases {
  /** @param beacon sign of life of this process; with it, its leases are free as soon as it is gone, not only when they end */
  constructor(
    private readonly database: Database,
    private readonly beacon?: Pick<InstanceBeacon, 'key'>,
  ) {}

  /** Undefined while another holder has it. `holder` names one running worker (not a host): its own lease is given again. */
  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    const now = await this.database.now();
    const [row] = await this.database.prepared<{ fence: number }>(ACQUIRE_LEASE.name, ACQUIRE_LEASE.text, [name, holder, now, new Date(now.getTime() + ttlMs), this.beacon?.key ?? null]);
    return row && { name, holder, fence: row.fence, ttlMs };
  }

  /** Prolongs a lease outside any other transaction. @throws platform.lease_lost */
  async renew(lease: Lease): Promise<void> {
    await this.database.transaction((tx) => this.assertHeld(tx, lease));
  }

  /**
   * Makes sure that `tx` can only commit while the lease is held: checks the fence, prolongs the lease and keeps its row
   * locked, so that a takeover waits for the commit.
   * @throws platform.lease_lost
   */
  async assertHeld(tx: DatabaseTx, lease: Lease): Promise<void> {
    const rows = await tx.prepared(HOLD_LEASE.name, HOLD_LEASE.text, [lease.name, lease.holder, lease.fence, new Date(tx.now.getTime() + lease.ttlMs)]);
    if (rows.length === 0) throw leaseErrors.create('platform.lease_lost', { detail: lease.name });
  }

  /** Gives a lease back early, so that the next holder need not wait for its end. */
  async release(lease: Lease): Promise<void> {
    await this.database.query(RELEASE_LEASE, [lease.name, lease.holder, lease.fence, await this.database.now()]);
  }
}
