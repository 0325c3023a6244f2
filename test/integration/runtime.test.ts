import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { eventually } from '../harness/product.js';
import { FakeTarget, playbookOf, RuntimeSite, type SiteOptions } from '../harness/runtime-site.js';

jest.setTimeout(60_000);

const CHAIN = playbookOf(`
initial: one
states:
  one: { invoke: { id: first, src: t.note, input: { step: "1" }, onDone: two, onError: bad } }
  two: { invoke: { id: second, src: t.note, input: { step: "2" }, onDone: three, onError: bad } }
  three: { invoke: { id: third, src: t.write, input: { step: "3" }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'chain' });

let testDatabase: TestDatabase;
let target: FakeTarget;
const sites: RuntimeSite[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.drop());
beforeEach(() => {
  target = new FakeTarget().add('t.note').add('t.write', { effectClass: 'unsafe' });
});
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
});

async function open(options: Partial<SiteOptions> = {}): Promise<RuntimeSite> {
  const site = await RuntimeSite.open({ url: testDatabase.appUrl, target, playbooks: [CHAIN], ...options });
  sites.push(site);
  return site.start();
}

const ended = (site: RuntimeSite, runId: string) =>
  eventually(async () => {
    const run = await site.status(runId);
    return run.status === 'done' ? run : undefined;
  });

describe('a run', () => {
  it('goes through its effects to its end, each called once under its own key', async () => {
    const site = await open();
    const run = await site.run(CHAIN);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained', value: 'fine', seq: 4 });
    expect(target.asked.map(({ input }) => input.step)).toEqual(['1', '2', '3']);
    expect(new Set(target.asked.map(({ key }) => key)).size).toBe(3);
    expect(await site.runtime.monitor.check()).toEqual([]);
    await sleep(1);
  });
});
