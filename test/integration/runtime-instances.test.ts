import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { checkRun } from '../../src/respond/runtime/check-run.js';
import { PUT_INBOX } from '../../src/respond/runtime/sql.js';
import { CutProxy, type Cut } from '../harness/cut-proxy.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { FakeTarget, playbookOf, RuntimeSite, type SiteOptions } from '../harness/runtime-site.js';

jest.setTimeout(120_000);

const WORK = playbookOf(`
initial: one
states:
  one: { invoke: { id: first, src: t.note, input: { step: "1" }, onDone: two, onError: bad } }
  two: { after: { PT0.05S: three } }
  three: { invoke: { id: second, src: t.block, input: { account: "ann" }, onDone: four, onError: bad } }
  four: { invoke: { id: third, src: t.write, input: { step: "3" }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'work', head: 'policy: { t.block: { mode: auto } }' });

let testDatabase: TestDatabase;
let target: FakeTarget;
const sites: RuntimeSite[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.drop());
beforeEach(() => {
  target = new FakeTarget().add('t.note').add('t.write', { effectClass: 'unsafe' }).add('t.block', { effectClass: 'convergent', destructive: true, entities: () => [] });
});
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
});

async function open(options: Partial<SiteOptions> = {}): Promise<RuntimeSite> {
  const site = await RuntimeSite.open({ url: testDatabase.appUrl, target, playbooks: [WORK], ...options });
  sites.push(site);
  return site.start();
}

async function until(done: () => Promise<boolean>, ms = 60_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time');
    await sleep(30);
  }
}

const unfinished = async (site: RuntimeSite) => (await site.one<{ n: number }>(`SELECT count(*) AS n FROM run WHERE status <> 'done'`)).n;

async function expectAllSound(site: RuntimeSite, ids: readonly string[]): Promise<void> {
  for (const id of ids) expect({ id, problems: await checkRun(site.database, site.store, id) }).toEqual({ id, problems: [] });
  expect(await site.runtime.monitor.check()).toEqual([]);
  expect(await site.database.query(`SELECT run_id FROM effect WHERE run_id = ANY ($1::uuid[]) AND status IN ('ready', 'leased', 'waiting')`, [ids])).toEqual([]);
}

describe('two instances on one database', () => {
  it('share 200 runs: each effect is called once', async () => {
    // A lease that ends while the machine stalls makes a call come twice, rightly: not what this is about.
    const [a, b] = [await open({ options: { leaseMs: 60_000 } }), await open({ options: { leaseMs: 60_000 } })];
    const runs = await Promise.all(Array.from({ length: 200 }, (_, index) => (index % 2 ? a : b).run(WORK)));
    await until(async () => (await unfinished(a)) === 0);
    expect(await a.one<{ n: number }>(`SELECT count(*) AS n FROM run WHERE outcome = 'contained'`)).toEqual({ n: 200 });
    expect(target.asked).toHaveLength(600);
    expect(new Set(target.asked.map(({ key }) => key)).size).toBe(600);
    await expectAllSound(a, runs.map(({ id }) => id));
  });

  it('take a call over whose holder stalls, and refuse what the stalled one brings', async () => {
    const a = await open({ options: { leaseMs: 400 } });
    let release: () => void = () => undefined;
    let calls = 0;
    target.behave = (_call, action) => {
      if (action !== 't.note') return undefined;
      calls += 1;
      return calls === 1 ? new Promise((resolve) => (release = () => resolve({ result: { by: 'stalled' } }))) : { result: { by: 'taker' } };
    };
    // the first instance makes its call and then gives no sign of life
    const prepared = a.database.prepared.bind(a.database);
    a.database.prepared = ((name: string, sql: string, params: readonly unknown[]) => (/^effect_(renew|claimable)$/.test(name) ? Promise.resolve([]) : prepared(name, sql, params)));
    const run = await a.run(WORK);
    await until(async () => calls === 1);
    (a.runtime as unknown as { pool: { claim: () => Promise<number> } }).pool.claim = () => Promise.resolve(0);
    const b = await open({ options: { leaseMs: 5_000 } });
    let held: () => void = () => undefined;
    const hold = new Promise<void>((resolve) => (held = resolve));
    const free = target.behave;
    target.behave = async (call, action) => {
      const told = await free(call, action);
      if (action === 't.note') await hold;
      return told;
    };
    await until(async () => calls === 2);
    release();
    await sleep(300);
    // the stalled one came first and was refused
    expect(await b.status(run.id)).toMatchObject({ status: 'active', value: 'one' });
    held();
    await until(async () => (await unfinished(b)) === 0);
    const [first] = target.of('t.note');
    expect(target.of('t.note')).toMatchObject([{ key: first!.key, attempt: 1 }, { key: first!.key, attempt: 2 }]);
    expect(await b.one(`SELECT output->'result' AS result FROM effect WHERE id = $1`, [first!.key])).toEqual({ result: { by: 'taker' } });
    await expectAllSound(b, [run.id]);
  });
});

describe('a connection that breaks in COMMIT', () => {
  it.each<Cut>(['before', 'after'])('%s the server commits: nothing lost, nothing twice under another key', async (kind) => {
    let commits = 0;
    let armed = false;
    const proxy = await CutProxy.start(testDatabase.appUrl, () => (armed && ++commits % 7 === 0 ? kind : 'never'));
    const looking = await open({ options: { concurrency: 1, pollMs: 60_000 } });
    const site = await open({ url: proxy.url, options: { leaseMs: 600 } });
    const runs = await Promise.all(Array.from({ length: 12 }, () => looking.run(WORK)));
    armed = true;
    await until(async () => (await unfinished(looking)) === 0);
    armed = false;
    expect(proxy.cuts).toBeGreaterThan(0);
    const keys = (action: string) => new Set(target.of(action).map(({ key }) => key)).size;
    expect(keys('t.note')).toBe(12);
    // an unsafe call is made once, or not again after its outcome got lost
    expect(target.of('t.write').length).toBe(keys('t.write'));
    await expectAllSound(looking, runs.map(({ id }) => id));
    sites.splice(sites.indexOf(site), 1);
    await site.close();
    await proxy.stop();
  });
});

describe('events', () => {
  it('that come twice are applied once, in the order of their arrival', async () => {
    const counting = playbookOf(`
initial: count
states:
  count: { on: { manual.add: { assign: { n: "\${ context.n * 10 + event.by }" } } }, after: { P1D: fine } }
  fine: { type: final, outcome: contained }
`, { id: 'counting' });
    const site = await open({ playbooks: [counting] });
    const run = await site.run(counting);
    const entry = (by: number) => ({ run_id: run.id, dedupe_key: `e${by}`, body: { input: { kind: 'event', event: { type: 'manual.add', by } } }, actor: 'key:a' });
    const put = (by: number) => site.database.query(PUT_INBOX, [JSON.stringify([entry(by)]), new Date()]);
    for (const by of [2, 1, 2, 3, 1]) await put(by);
    site.runtime.notify();
    await until(async () => (await site.status(run.id)).seq === 4);
    await put(2);
    site.runtime.notify();
    await sleep(200);
    expect(await site.one(`SELECT state#>'{snapshot,context,n}' AS n FROM run WHERE id = $1`, [run.id])).toEqual({ n: 213 });
    await expectAllSound(site, [run.id]);
  });
});
