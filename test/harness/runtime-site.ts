import { AuditRows } from '../../src/audit/index.js';
import { uuidv7, type Action, type ActionCall, type ActionOutcome, type ActionCatalogue, type Clock, type DatabaseAction, type ExternalAction, type JsonObject } from '../../src/kernel/index.js';
import { Database, DatabaseClock, Leases, PostgresFactLog, silentTelemetry } from '../../src/platform/index.js';
import type { ApprovalDecision, ApprovalDesk, ApprovalListener, ApprovalRequest } from '../../src/respond/approval/approval-desk.js';
import type { CompiledPlaybook } from '../../src/respond/engine/compiled-playbook.js';
import { compilePlaybook } from '../../src/respond/engine/machine/index.js';
import { readPlaybook } from '../../src/respond/engine/read-playbook.js';
import type { Governor } from '../../src/respond/governor/governor.js';
import { respondLogEvents } from '../../src/respond/respond.log-events.js';
import { respondMetrics } from '../../src/respond/respond.metrics.js';
import { ApprovalInbox } from '../../src/respond/runtime/approval-inbox.js';
import { InputCheck } from '../../src/respond/runtime/input-check.js';
import { PlaybookStore } from '../../src/respond/runtime/playbook-store.js';
import { Runtime, type RuntimeOptions } from '../../src/respond/runtime/runtime.js';
import type { Run } from '../../src/respond/runtime/run.js';

/** Lets everything go. */
export const freeGovernor: Governor = {
  decide: () => Promise.resolve({ decision: 'go', mode: 'auto', reasons: [], page: false }),
  release: () => Promise.resolve(),
  veto: () => Promise.resolve(undefined),
};

/** Keeps what was asked; the test decides. */
export class TestDesk implements ApprovalDesk {
  readonly asked: ApprovalRequest[] = [];
  readonly withdrawn: string[] = [];
  listener: ApprovalListener | undefined;

  request = (_tx: unknown, request: ApprovalRequest): Promise<string> => {
    this.asked.push(request);
    return Promise.resolve(uuidv7());
  };
  mayDecide = (): Promise<boolean> => Promise.resolve(true);
  withdraw = (_tx: unknown, effectId: string): Promise<void> => {
    this.withdrawn.push(effectId);
    return Promise.resolve();
  };
  attach(listener: ApprovalListener): void {
    this.listener = listener;
  }
}

/** What a fake target was asked, by key. */
export interface Asked {
  readonly action: string;
  readonly key: string;
  readonly attempt: number;
  readonly input: JsonObject;
}

export type Behaviour = (call: ActionCall, action: string) => Promise<Partial<ActionOutcome> | void> | Partial<ActionOutcome> | void;

/** A target system in memory, and the actions on it. */
export class FakeTarget implements ActionCatalogue {
  readonly asked: Asked[] = [];
  readonly actions = new Map<string, Action>();
  behave: Behaviour = () => undefined;

  add(id: string, more: Partial<ExternalAction> = {}): this {
    const action: ExternalAction = {
      id, title: id, effectClass: 'keyed', destructive: false, notify: false, input: { type: 'object' }, result: { type: 'object' }, verification: 'read-back', undo: { none: 'a test' }, timeoutMs: 60_000,
      entities: ({ account }) => (typeof account === 'string' ? [{ type: 'account', value: account }] : []),
      do: async (call) => {
        this.asked.push({ action: id, key: call.key, attempt: call.attempt, input: call.input });
        const told = await this.behave(call, id);
        return { result: {}, already: false, ...told };
      },
      verify: () => Promise.resolve({ state: 'verified', residual_access_until: null, why: 'read back' }),
      ...more,
    };
    this.actions.set(id, action);
    return this;
  }

  addInDatabase(id: string, run: DatabaseAction['do']): this {
    this.actions.set(id, {
      id, title: id, effectClass: 'in-database', destructive: false, notify: false, input: { type: 'object' }, result: { type: 'object' }, verification: { none: 'in the database' }, undo: { none: 'a test' }, timeoutMs: 1_000, do: run,
    });
    return this;
  }

  find = (id: string) => this.actions.get(id);
  list = () => [...this.actions.values()];

  of(action: string): Asked[] {
    return this.asked.filter((one) => one.action === action);
  }
}

export interface SiteOptions {
  readonly url: string;
  readonly target: FakeTarget;
  readonly playbooks: readonly CompiledPlaybook[];
  readonly governor?: Governor;
  readonly desk?: TestDesk;
  readonly clock?: Clock;
  readonly options?: Partial<RuntimeOptions>;
}

/** One instance of the runtime on a database. */
export class RuntimeSite {
  private constructor(
    readonly database: Database,
    readonly runtime: Runtime,
    readonly store: PlaybookStore,
    readonly desk: TestDesk,
    readonly facts: PostgresFactLog,
    private readonly clock: DatabaseClock | undefined,
  ) {}

  static async open({ url, target, playbooks, governor = freeGovernor, desk = new TestDesk(), clock, options = {} }: SiteOptions): Promise<RuntimeSite> {
    const database = await Database.open({ url, poolSize: 12 }, clock ? { clock } : {});
    const telemetry = silentTelemetry();
    const databaseClock = clock ? undefined : await DatabaseClock.start(database);
    const facts = new PostgresFactLog(database);
    const store = new PlaybookStore(database);
    for (const playbook of playbooks) await store.activate(playbook);
    const runtime = new Runtime(
      {
        database, clock: clock ?? (databaseClock as Clock), leases: new Leases(database), factsWritten: () => undefined,
        parts: {
          instance: uuidv7(), playbooks: store, actions: target, inputs: new InputCheck(), governor, desk, facts, audit: new AuditRows(),
          metrics: telemetry.metrics(respondMetrics), log: telemetry.log(respondLogEvents),
        },
      },
      { concurrency: 16, leaseMs: 2_000, askDeadlineMs: 60_000, pollMs: 100, drainMs: 200, ...options },
    );
    desk.attach(new ApprovalInbox());
    return new RuntimeSite(database, runtime, store, desk, facts, databaseClock);
  }

  async start(): Promise<this> {
    await this.runtime.start();
    return this;
  }

  async close(): Promise<void> {
    await this.runtime.stop();
    this.clock?.stop();
    await this.database.close();
  }

  /** Starts a run as an incident or a person would. */
  async run(playbook: CompiledPlaybook, { key = uuidv7(), body = {}, params = {} }: { key?: string; body?: JsonObject; params?: JsonObject } = {}): Promise<Run> {
    let after: () => void = () => undefined;
    const run = await this.database.transaction(async (tx) => {
      const batch = this.runtime.stepper.batch(tx);
      const started = await batch.start(playbook, { startKey: `manual:${key}`, event: { type: 'manual.start', ...body }, params: playbook.params(params), incident: null, requestedBy: null });
      await batch.write();
      after = () => this.runtime.stepper.committed(batch);
      return started;
    });
    after();
    return run;
  }

  async decide(effectId: string, decision: ApprovalDecision['decision'], runId: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.desk.listener?.lock?.(tx, runId);
      await this.desk.listener?.decided(tx, { approvalId: uuidv7(), effectId, decision, by: ['person:ann'], reason: '' });
    });
    this.runtime.notify();
  }

  one = async <Row>(sql: string, params: readonly unknown[] = []): Promise<Row> => (await this.database.query<Row>(sql, params))[0] as Row;

  status = async (runId: string) => this.one<{ status: string; outcome: string | null; value: unknown; seq: number }>('SELECT status, outcome, value, seq FROM run WHERE id = $1', [runId]);
}

/** A playbook of YAML: the machine alone, or with further keys in front of it. */
export function playbookOf(machine: string, { id = 'test', head = '', trigger = '{ on: manual }' }: { id?: string; head?: string; trigger?: string } = {}): CompiledPlaybook {
  const text = `format: cordon.playbook/1\nid: ${id}\nversion: 1.0.0\ntitle: A test\ntrigger: ${trigger}\ncontext: { schema: { type: object, properties: { n: { type: integer } } }, initial: { n: 0 } }\n${head}\nmachine:\n${machine
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`;
  const read = readPlaybook(text);
  if (!read.ok) throw new Error(JSON.stringify(read.findings));
  return compilePlaybook(read.source, read.hash);
}
