// Runs of a playbook on the runtime as the product composes it: governor, facts and audit entries included, without the
// workers that read facts.
import { AuditRows } from '../../dist/src/audit/index.js';
import { loadConfig } from '../../dist/src/config/index.js';
import { uuidv7 } from '../../dist/src/kernel/index.js';
import { Platform, silentTelemetry } from '../../dist/src/platform/index.js';
import { poolOf } from '../../dist/src/platform/database/data-source.js';
import { compilePlaybook } from '../../dist/src/respond/engine/machine/index.js';
import { readPlaybook } from '../../dist/src/respond/engine/read-playbook.js';
import { openGovernor } from '../../dist/src/respond/governor/open-governor.js';
import { respondLogEvents } from '../../dist/src/respond/respond.log-events.js';
import { respondMetrics } from '../../dist/src/respond/respond.metrics.js';
import { ApprovalInbox } from '../../dist/src/respond/runtime/approval-inbox.js';
import { InputCheck } from '../../dist/src/respond/runtime/input-check.js';
import { PlaybookStore } from '../../dist/src/respond/runtime/playbook-store.js';
import { RunService } from '../../dist/src/respond/runtime/run.service.js';
import { RunStarter } from '../../dist/src/respond/runtime/run-starter.js';
import { Runtime } from '../../dist/src/respond/runtime/runtime.js';
import { answering } from './in-child.mjs';
import { closedLoop } from './closed-loop.mjs';
import { flushStatistics } from './flush-statistics.mjs';

const STEP = 'bench.step';
const ACTOR = 'system:bench';

let site;

answering(async (message) => {
  if (message.start) {
    site = await open(message.start);
    return site.settings;
  }
  if (message.load) return load(message.load);
  if (message.flush) return flushStatistics(site.pool);
  return check();
}, () => site?.close());

/** A chain of steps, behind a wait for one event where `receive` says so. */
function playbookOf(id, steps, receive) {
  const states = Array.from({ length: steps }, (_, n) => [`step${n}`, {
    invoke: { id: `call${n}`, src: STEP, input: { n }, onDone: n + 1 < steps ? `step${n + 1}` : 'done', onError: 'failed' },
  }]);
  const machine = {
    initial: receive ? 'wait' : 'step0',
    states: {
      ...(receive ? { wait: { on: { go: 'step0' }, after: { PT1H: 'failed' } } } : {}),
      ...Object.fromEntries(states), done: { type: 'final', outcome: 'contained' }, failed: { type: 'final', outcome: 'failed' },
    },
  };
  const source = { format: 'cordon.playbook/1', id, version: '1.0.0', title: 'A bench', trigger: { on: 'manual' }, context: { schema: { type: 'object', properties: {} }, initial: {} }, machine };
  const read = readPlaybook(JSON.stringify(source));
  if (!read.ok) throw new Error(JSON.stringify(read.findings));
  return compilePlaybook(read.source, read.hash);
}

/** The step of the bench: nothing but its key, counted. */
function stepAction(calls) {
  return {
    id: STEP, title: 'A step of the bench', effectClass: 'keyed', destructive: false, notify: false, input: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false },
    result: { type: 'object' }, verification: { none: 'it happens in this process' }, undo: { none: 'it changes nothing' }, timeoutMs: 60_000, entities: () => [],
    do({ key, input }) {
      calls.set(key, (calls.get(key) ?? 0) + 1);
      return Promise.resolve({ result: { n: input.n }, already: false });
    },
  };
}

async function open({ urls, config: file, root, workloads }) {
  const config = loadConfig({ root, file });
  const platform = await Platform.open({ config, telemetry: silentTelemetry(), database: urls });
  const { database, clock, leases, facts, telemetry, factsWritten, instance } = platform;
  const calls = new Map();
  const action = stepAction(calls);
  const actions = { find: (id) => (id === STEP ? action : undefined), list: () => [action] };
  const audit = new AuditRows();
  const directory = { find: () => Promise.reject(new Error('the step of the bench takes nothing away from anyone')) };
  const { governor } = openGovernor({ config, database, telemetry, facts, written: factsWritten, audit, directory, catalogue: actions });
  const playbooks = new PlaybookStore(database);
  for (const { name, steps, receive } of workloads) await playbooks.activate(playbookOf(name, steps, receive));
  const { concurrency, leaseTime: leaseMs, poll: pollMs, askDeadline: askDeadlineMs } = config.respond;
  const desk = { request: () => Promise.reject(new Error('the bench asks nobody')), withdraw: () => Promise.resolve(), attach: () => undefined };
  const runtime = new Runtime(
    {
      database, clock, leases, factsWritten: () => undefined,
      parts: { instance, playbooks, actions, inputs: new InputCheck(), governor, desk, facts, audit, metrics: telemetry.metrics(respondMetrics), log: telemetry.log(respondLogEvents) },
    },
    { concurrency, leaseMs, pollMs, askDeadlineMs, drainMs: 1_000 },
  );
  desk.attach(new ApprovalInbox());
  const service = new RunService({ database, runtime, playbooks, starter: new RunStarter(playbooks, {}), incident: () => Promise.reject(new Error('the bench has no incidents')) });
  const ends = endsOf(runtime);
  await platform.lifecycle.start();
  await runtime.start();
  return {
    database, pool: poolOf(database.dataSource), calls, service, ends, settings: { poolSize: config.database.poolSize, callsAtOnce: concurrency, pollMs, governor: 'as shipped', facts: true, audit: true },
    async close() {
      await runtime.stop();
      await platform.lifecycle.stop();
    },
  };
}

/** Run id to what waits for its end. A run has ended for its caller when the commit that says so is certain. */
function endsOf(runtime) {
  const ended = new Set();
  const waiting = new Map();
  const { stepper } = runtime;
  const committed = stepper.committed.bind(stepper);
  stepper.committed = (batch) => {
    committed(batch);
    for (const { run } of batch.units) {
      if (run.status !== 'done') continue;
      const resolve = waiting.get(run.id);
      if (resolve) resolve();
      else ended.add(run.id);
    }
  };
  return async (id) => {
    if (!ended.delete(id)) await new Promise((resolve) => waiting.set(id, resolve));
    waiting.delete(id);
  };
}

function load({ workload: { name, receive }, millis, concurrency }) {
  return closedLoop({ millis, concurrency }, async () => {
    const id = await site.service.start({ playbook: name, key: uuidv7(), incident: undefined, data: {} }, ACTOR);
    if (receive) await site.service.command(id, { kind: 'event', event: { type: 'go' } }, ACTOR);
    await site.ends(id);
  });
}

/** What stands in the database and what was called, over all that was loaded. */
async function check() {
  const [row] = await site.database.query(`
    SELECT (SELECT count(*)::int FROM run) AS runs, (SELECT count(*)::int FROM run WHERE status = 'done' AND outcome = 'contained') AS ended,
      (SELECT count(*)::int FROM effect WHERE status = 'done') AS steps, (SELECT count(*)::int FROM effect_attempt) AS attempts,
      (SELECT count(*)::int FROM run_event) AS events`);
  return { ...row, calls: [...site.calls.values()].reduce((sum, n) => sum + n, 0), calledTwice: [...site.calls.values()].filter((n) => n > 1).length };
}
