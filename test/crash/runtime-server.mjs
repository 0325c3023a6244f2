// One instance of the runtime in a process of its own, to be killed. Connection and playbook in the environment; the target system is a
// table that each call writes to by itself, outside of the runtime's transactions.
import { AuditRows } from '../../dist/src/audit/index.js';
import { uuidv7 } from '../../dist/src/kernel/index.js';
import { Database, DatabaseClock, Leases, PostgresFactLog, silentTelemetry } from '../../dist/src/platform/index.js';
import { compilePlaybook } from '../../dist/src/respond/engine/machine/index.js';
import { readPlaybook } from '../../dist/src/respond/engine/read-playbook.js';
import { respondLogEvents } from '../../dist/src/respond/respond.log-events.js';
import { respondMetrics } from '../../dist/src/respond/respond.metrics.js';
import { ApprovalInbox } from '../../dist/src/respond/runtime/approval-inbox.js';
import { InputCheck } from '../../dist/src/respond/runtime/input-check.js';
import { PlaybookStore } from '../../dist/src/respond/runtime/playbook-store.js';
import { Runtime } from '../../dist/src/respond/runtime/runtime.js';

const { url, playbook: text } = JSON.parse(process.env.CORDON_TEST_CRASH_RUNTIME);
const database = await Database.open({ url, poolSize: 10 });
const telemetry = silentTelemetry();

const action = (id, more) => ({
  id, title: id, effectClass: 'keyed', destructive: false, notify: false, input: { type: 'object' }, result: { type: 'object' }, verification: 'read-back', undo: { none: 'a test' }, timeoutMs: 30_000,
  entities: () => [],
  do: async ({ key, attempt }) => {
    await database.query('INSERT INTO target_call (key, action, attempt) VALUES ($1, $2, $3)', [key, id, attempt]);
    return { result: {}, already: false };
  },
  probe: async ({ key }) => ((await database.query('SELECT FROM target_call WHERE key = $1', [key])).length > 0 ? { result: {}, already: false } : undefined),
  verify: async () => ({ state: 'verified', residual_access_until: null, why: 'read back' }),
  ...more,
});
const actions = new Map([
  action('t.keyed'),
  action('t.convergent', { effectClass: 'convergent', destructive: true }),
  action('t.probe', { effectClass: 'probe' }),
  action('t.unsafe', { effectClass: 'unsafe' }),
  {
    id: 'db.note', title: 'note', effectClass: 'in-database', destructive: false, notify: false, input: { type: 'object' }, result: { type: 'object' }, verification: { none: '' }, undo: { none: '' }, timeoutMs: 1_000,
    do: async (tx, { key }) => {
      await tx.query("INSERT INTO target_call (key, action, attempt) VALUES ($1, 'db.note', 1)", [key]);
      return { result: {}, already: false };
    },
  },
].map((one) => [one.id, one]));

const store = new PlaybookStore(database);
const { source, hash } = readPlaybook(text);
const playbook = compilePlaybook(source, hash);
await store.activate(playbook);
const desk = { request: async (tx, { effectId }) => (await tx.query('INSERT INTO target_question (effect_id) VALUES ($1) ON CONFLICT DO NOTHING', [effectId]), uuidv7()), withdraw: async () => undefined };
const governor = { decide: async () => ({ decision: 'go', mode: 'auto', reasons: [], page: false }), release: async () => undefined, veto: async () => undefined };
const parts = {
  instance: uuidv7(), playbooks: store, actions: { find: (id) => actions.get(id), list: () => [...actions.values()] }, inputs: new InputCheck(), governor, desk, facts: new PostgresFactLog(database),
  audit: new AuditRows(), metrics: telemetry.metrics(respondMetrics), log: telemetry.log(respondLogEvents),
};
const clock = await DatabaseClock.start(database);
const runtime = new Runtime({ database, clock, leases: new Leases(database), parts, factsWritten: () => undefined }, { concurrency: 8, leaseMs: 700, askDeadlineMs: 60_000, pollMs: 100, drainMs: 100 });
const listener = new ApprovalInbox();
await runtime.start();
console.log('ready');

// The people: whoever is asked says yes.
for (;;) {
  for (const { effect_id: effectId } of await database.query('SELECT effect_id FROM target_question WHERE NOT answered')) {
    await database.transaction(async (tx) => {
      await tx.query('UPDATE target_question SET answered = true WHERE effect_id = $1', [effectId]);
      await listener.decided(tx, { approvalId: uuidv7(), effectId, decision: 'approved', by: ['person:ann'], reason: '' });
    });
  }
  // Runs are started one by one, each under its key, until as many as asked for are there.
  for (const { key } of await database.query("SELECT key FROM wanted WHERE key NOT IN (SELECT start_key FROM run)")) {
    let batch;
    await database.transaction(async (tx) => {
      batch = runtime.stepper.batch(tx);
      await batch.start(playbook, { startKey: key, event: { type: 'manual' }, params: {}, incident: null, requestedBy: null });
      await batch.write();
    });
    runtime.stepper.committed(batch);
  }
  await new Promise((resolve) => setTimeout(resolve, 30));
}
