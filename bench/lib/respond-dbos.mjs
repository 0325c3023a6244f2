// The same chain of steps as a DBOS workflow, on a pool of the same size.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { answering } from './in-child.mjs';
import { closedLoop } from './closed-loop.mjs';
import { flushStatistics } from './flush-statistics.mjs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.resolve('@dbos-inc/dbos-sdk')), 'utf8'));
const silent = { info: () => undefined, debug: () => undefined, warn: () => undefined, error: (...parts) => process.stderr.write(`${parts.join(' ')}\n`) };
const calls = new Map();
const workflows = new Map();
let pool;

answering(async (message) => {
  if (message.start) return open(message.start);
  if (message.load) return load(message.load);
  if (message.flush) return flushStatistics(pool);
  return check();
}, async () => {
  await DBOS.shutdown();
  await pool?.end();
});

async function open({ url, poolSize, workloads }) {
  pool = new pg.Pool({ connectionString: url, max: poolSize });
  pool.on('error', () => undefined);
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, systemDatabasePool: pool, logger: silent });
  for (const { name, steps, receive } of workloads) {
    workflows.set(name, DBOS.registerWorkflow(async () => {
      if (receive) await DBOS.recv('go', 3600);
      for (let n = 0; n < steps; n += 1) await DBOS.runStep(() => step(n), { name: `step${n}` });
    }, { name }));
  }
  await DBOS.launch();
  return { version, poolSize };
}

function step(n) {
  const key = `${DBOS.workflowID}:${n}`;
  calls.set(key, (calls.get(key) ?? 0) + 1);
  return Promise.resolve({ n });
}

function load({ workload: { name, receive }, millis, concurrency }) {
  const workflow = workflows.get(name);
  return closedLoop({ millis, concurrency }, async () => {
    if (!receive) return workflow();
    const handle = await DBOS.startWorkflow(workflow, { workflowID: randomUUID() })();
    await DBOS.send(handle.workflowID, 'go', 'go');
    await handle.getResult();
  });
}

async function check() {
  const { rows: [row] } = await pool.query(`
    SELECT (SELECT count(*)::int FROM dbos.workflow_status) AS runs, (SELECT count(*)::int FROM dbos.workflow_status WHERE status = 'SUCCESS') AS ended,
      (SELECT count(*)::int FROM dbos.operation_outputs WHERE function_name LIKE 'step%') AS steps`);
  return { ...row, calls: [...calls.values()].reduce((sum, n) => sum + n, 0), calledTwice: [...calls.values()].filter((n) => n > 1).length };
}
