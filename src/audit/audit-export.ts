import type { AuditSink } from '../kernel/index.js';
import type { Database } from '../platform/index.js';
import type { ChainReader } from './chain-reader.js';
import { exportChain } from './export-file.js';

/** Gives the chain away, and puts on record who took it: its entries say who did what. */
export class AuditExport {
  constructor(
    private readonly database: Database,
    private readonly reader: ChainReader,
    private readonly audit: AuditSink,
  ) {}

  /**
   * @param from number of the first entry
   * @returns the export in pieces, once the entry about it is stored
   * @throws CordonError `audit.request_invalid`
   */
  async open(from: number, actor: string): Promise<AsyncGenerator<string>> {
    await this.reader.before(from);
    const now = await this.database.transaction(async (tx) => {
      await this.audit.record(tx, [{ action: 'audit.exported', actor, target: 'audit', detail: { from_seq: from } }]);
      return tx.now;
    });
    return exportChain(this.reader, from, now);
  }
}
