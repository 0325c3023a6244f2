import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { CRASH_POINTS } from '../../src/platform/index.js';
import { checkRun } from '../../src/respond/runtime/check-run.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { FakeTarget, playbookOf, RuntimeSite } from '../harness/runtime-site.js';

jest.setTimeout(120_000);

const MACHINE = `
initial: keyed
states:
  keyed: { invoke: { id: keyed, src: t.keyed, input: {}, onDone: ask, onError: bad } }
  ask: { invoke: { id: ask, src: core.approval, input: { role: approver, deadline: PT1H }, onDone: note, onError: bad } }
  note: { invoke: { id: note, src: db.note, input: {}, onDone: wait, onError: bad } }
  wait: { after: { PT0.2S: probe } }
  probe: { invoke: { id: probe, src: t.probe, input: {}, onDone: convergent, onError: bad } }
  convergent: { invoke: { id: convergent, src: t.convergent, input: {}, onDone: unsafe, onError: bad } }
  unsafe: { invoke: { id: unsafe, src: t.unsafe, input: {}, onDone: fine, onError: lost } }
  fine: { type: final, outcome: contained }
  lost: { type: final, outcome: failed }
  bad: { type: final, outcome: refused }
`;
const HEAD = 'policy: { t.convergent: { mode: auto } }';
const RUNS = 6;

/** Points of the runtime, at their third passage: by then several runs are under way. */
const POINTS = [...CRASH_POINTS.filter((point) => /^(runtime|effect|timer|inbox)\./.test(point)), 'commit.sent' as const].map((point) => `${point}:3`);

describe('the runtime of playbooks, killed at a named point and started again', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let child: ChildProcess | undefined;
  let deaths = 0;

  beforeEach(async () => {
    deaths = 0;
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.superuserUrl });
    await client.connect();
    await client.query(`
      CREATE TABLE target_call (key uuid, action text, attempt integer, at timestamptz DEFAULT clock_timestamp());
      CREATE TABLE target_question (effect_id uuid PRIMARY KEY, answered boolean DEFAULT false);
      CREATE TABLE wanted (key text PRIMARY KEY);
      GRANT ALL ON target_call, target_question, wanted TO PUBLIC`);
    for (let n = 0; n < RUNS; n += 1) await client.query('INSERT INTO wanted VALUES ($1)', [`manual:${n}`]);
  });
  afterEach(async () => {
    if (child) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await client.end();
    await database.drop();
  });

  function start(point?: string): void {
    const text = JSON.stringify(playbookOf(MACHINE, { id: 'crash', head: HEAD }).source);
    const env = { PATH: process.env.PATH, CORDON_TEST_CRASH_RUNTIME: JSON.stringify({ url: database.appUrl, playbook: text }), ...(point ? { CORDON_CRASH_POINT: point } : {}) };
    const started = spawn(process.execPath, ['test/crash/runtime-server.mjs'], { stdio: ['ignore', 'ignore', 'inherit'], env });
    child = started;
    started.on('exit', () => {
      deaths += 1;
      if (child === started) child = undefined;
    });
  }

  it.each(POINTS)('%s: nothing lost, keyed effects once, no timer early, no run without a next cause', async (point) => {
    start(point);
    const number = async (sql: string) => Number((await client.query<{ n: string }>(sql)).rows[0]?.n);
    const deadline = performance.now() + 60_000;
    while ((await number(`SELECT count(*) AS n FROM run WHERE status = 'done'`)) < RUNS) {
      if (performance.now() > deadline) throw new Error(`not done in time: ${JSON.stringify((await client.query(`SELECT status, value FROM run`)).rows)}`);
      if (!child) start();
      await sleep(50);
    }
    expect(deaths).toBe(1);

    expect(await number('SELECT count(*) AS n FROM run')).toBe(RUNS);
    // each effect that was asked for has its own key, and no call has any other
    for (const action of ['t.keyed', 't.probe', 't.convergent']) expect({ action, keys: await number(`SELECT count(DISTINCT key) AS n FROM target_call WHERE action = '${action}'`) }).toEqual({ action, keys: RUNS });
    expect(await number(`SELECT count(*) AS n FROM target_call WHERE key NOT IN (SELECT id FROM effect)`)).toBe(0);
    // once: in the database, after a probe that found it, and what must not be repeated
    for (const action of ['db.note', 't.probe', 't.unsafe']) expect({ action, twice: await number(`SELECT count(*) - count(DISTINCT key) AS n FROM target_call WHERE action = '${action}'`) }).toEqual({ action, twice: 0 });
    // a call of unknown outcome is the one whose process died, and nothing else failed
    expect(await number(`SELECT count(*) AS n FROM run WHERE outcome NOT IN ('contained', 'failed')`)).toBe(0);
    expect(await number(`SELECT count(*) AS n FROM effect WHERE status NOT IN ('done', 'unknown') OR (status = 'unknown' AND action <> 't.unsafe')`)).toBe(0);
    expect(await number(`SELECT count(*) AS n FROM effect_attempt WHERE ended_at IS NULL`)).toBe(0);
    expect(await number(`SELECT count(*) AS n FROM run_event WHERE kind = 'timer' AND (body::jsonb->>'due')::timestamptz > at`)).toBe(0);
    expect(await number(`SELECT count(*) AS n FROM run_event WHERE kind = 'timer'`)).toBe(RUNS);
    expect(await number('SELECT count(*) AS n FROM run_timer')).toBe(0);
    expect(await number(`SELECT count(*) AS n FROM fact WHERE type = 'run.finished'`)).toBe(RUNS);

    const site = await RuntimeSite.open({ url: database.appUrl, target: new FakeTarget(), playbooks: [] });
    const { rows } = await client.query<{ id: string }>('SELECT id FROM run');
    for (const { id } of rows) expect(await checkRun(site.database, site.store, id)).toEqual([]);
    expect(await site.runtime.monitor.check()).toEqual([]);
    await site.close();
  });
});
