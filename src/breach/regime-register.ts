import { uuidv7, type AuditSink, type FactSink, type Tx } from '../kernel/index.js';
import { breachErrors } from './breach.errors.js';
import type { Regime } from './engine/regime.js';
import { INSERT_ACT, LATEST_ACTS } from './sql.js';

interface Queries {
  query<Row>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** Who enabled or disabled a regime last. */
export interface RegimeAct {
  readonly enabled: boolean;
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

export interface RegisteredRegime {
  readonly regime: Regime;
  /** Null while nobody has decided: then it is a proposal. */
  readonly act: RegimeAct | null;
}

interface ActRow {
  regime: string;
  version: string;
  enabled: boolean;
  by_actor: string;
  reason: string;
  at: Date;
}

/** The regimes of this build and which of them count. An act holds for the version that it was made on. */
export class RegimeRegister {
  constructor(
    private readonly regimes: readonly Regime[],
    private readonly facts: FactSink,
    private readonly audit: AuditSink,
  ) {}

  async list(queries: Queries): Promise<RegisteredRegime[]> {
    const rows = await queries.query<ActRow>(LATEST_ACTS);
    return this.regimes.map((regime) => {
      const row = rows.find((act) => act.regime === regime.id && act.version === regime.version);
      return { regime, act: row ? { enabled: row.enabled, by: row.by_actor, reason: row.reason, at: row.at } : null };
    });
  }

  async enabled(queries: Queries): Promise<Regime[]> {
    return (await this.list(queries)).filter(({ act }) => act?.enabled).map(({ regime }) => regime);
  }

  /** @throws CordonError `breach.regime_unknown` */
  async decide(tx: Tx, id: string, enabled: boolean, by: string, reason: string): Promise<RegisteredRegime> {
    const regime = this.regimes.find((candidate) => candidate.id === id);
    if (!regime) throw breachErrors.create('breach.regime_unknown', { field: 'id', detail: `no regime ${id.slice(0, 80)}` });
    const { version } = regime;
    await tx.query(INSERT_ACT, [uuidv7(tx.now.getTime()), id, version, enabled, by, reason, tx.now]);
    await this.facts.append(tx, [{ type: enabled ? 'breach.regime_enabled' : 'breach.regime_disabled', subject: `regime:${id}`, body: { regime: id, version, by, reason } }]);
    await this.audit.record(tx, [{ action: enabled ? 'breach.regime_enabled' : 'breach.regime_disabled', actor: by, target: `regime:${id}`, detail: { version, reason } }]);
    return { regime, act: { enabled, by, reason, at: tx.now } };
  }
}
