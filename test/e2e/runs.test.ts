import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { ApiKeyService } from '../../src/access/index.js';
import { registerRuns } from '../../src/cli/runs.command.js';
import { as, importContext, newKey } from '../harness/people.js';
import { eventually, Product } from '../harness/product.js';

jest.setTimeout(60_000);

const PLAYBOOK = (id: string, trigger: string, machine: string) => `
format: cordon.playbook/1
id: ${id}
version: 1.0.0
title: A test
trigger: ${trigger}
params: { type: object, properties: { greeting: { type: string, default: hello } } }
context:
  schema: { type: object, properties: { risk: { type: number }, added: { type: integer } } }
  initial: { risk: "\${ event.incident == null ? 0 : event.incident.risk }", added: 0 }
machine:
${machine}`;

const WATCH = `
  initial: watch
  on: { incident.closed: .closed }
  states:
    watch:
      on:
        signal.added: { assign: { added: "\${ context.added + 1 }" } }
        manual.done: fine
      after: { P1D: fine }
    fine: { type: final, outcome: contained }
    closed: { type: final, outcome: released }
`;

const RULE = `
title: Read of the customer list
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0001
level: high
logsource: { product: cordon, service: cordon.gateway }
detection:
  selection: { cordon.gateway.route: /customers }
  condition: selection
`;

interface Run {
  id: string;
  status: string;
  outcome: string | null;
  state: unknown;
  incident: string | null;
  params: object;
  log: { kind: string; changed: boolean }[];
  timers: { id: string; held: boolean }[];
}

let product: Product;
let folder: string;
let key: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-playbooks-'));
  const playbooks = {
    watch: PLAYBOOK('watch', '{ on: incident.opened, when: "${ event.incident.risk > 0 }" }', WATCH),
    late: PLAYBOOK('late', '{ on: incident.updated, when: "${ event.incident.risk > 0 }" }', WATCH),
    grown: PLAYBOOK('grown', '{ on: incident.opened, when: "${ event.incident.signalCount > 1 && size(event.signalIds) > 1 }" }', WATCH),
    hand: PLAYBOOK('hand', '{ on: manual, when: "${ !has(event.refused) }" }', WATCH),
    broken: 'format: cordon.playbook/1',
  };
  for (const [name, text] of Object.entries(playbooks)) {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'playbook.yaml'), text);
  }
  product = await Product.start({ rules: { 'rule.yml': RULE }, config: `respond: { playbooks: ["${folder}"] }\nplaybooks: { hand: { params: { greeting: hi } } }` });
  ({ text: key } = await product.app.nest.get(ApiKeyService).create({ name: 'test responder', roles: ['responder'] }, 'system:test'));
});
afterAll(async () => {
  await product.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call<T>(method: string, address: string, body?: unknown): Promise<{ status: number; body: T & { code?: string } }> {
  const response = await fetch(product.url + address, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T & { code?: string } };
}

const refused = (status: number, code: string) => ({ status, body: { code } });

describe('runs over the API', () => {
  it('start with an incident, hear of it, and end with it', async () => {
    const record = (n: number) => ({ time: new Date(Date.now() - n * 1000).toISOString(), route: '/customers', user: { name: 'ann' }, response: { status: 200 } });
    await product.send(record(2));
    const list = () => call<{ runs: Run[] }>('GET', '/v1/runs?playbook=watch');
    const [run] = await eventually(async () => {
      const { body } = await list();
      return body.runs.length > 0 ? body.runs : undefined;
    });
    expect(run).toMatchObject({ status: 'active', state: 'watch' });
    const late = async () => (await call<{ runs: Run[] }>('GET', '/v1/runs?playbook=late')).body.runs;
    // A condition that holds at the opening already waits for no update.
    expect(await late()).toHaveLength(1);
    await product.send(record(1));
    const detail = await eventually(async () => {
      const { body } = await call<Run>('GET', `/v1/runs/${run!.id}`);
      return body.log.some(({ kind }) => kind === 'event') ? body : undefined;
    });
    expect(detail.log).toMatchObject([{ kind: 'start' }, { kind: 'event', changed: true }]);
    expect((await list()).body.runs).toHaveLength(1);
    expect(await late()).toHaveLength(1);
    await call('POST', `/v1/incidents/${run!.incident}/close`, { verdict: 'true_positive', reason: 'looked at' });
    const done = await eventually(async () => {
      const { body } = await call<Run>('GET', `/v1/runs/${run!.id}`);
      return body.status === 'done' ? body : undefined;
    });
    expect(done.outcome).toBe('released');
    const { timeline } = (await call<{ timeline: { type: string }[] }>('GET', `/v1/incidents/${run!.incident}`)).body;
    expect(timeline.map(({ type }) => type)).toEqual(expect.arrayContaining(['run.started', 'run.finished']));
  });

  it('start at a merge, for the incident that stays and reaches the condition by it', async () => {
    const incidentOf = async (name: string) => {
      await product.send({ time: new Date().toISOString(), route: '/customers', user: { name }, response: { status: 200 } });
      return eventually(async () => {
        const { body } = await call<{ runs: Run[] }>('GET', '/v1/runs?playbook=watch');
        const titles = await Promise.all(body.runs.map(async ({ incident }) => (await call<{ id: string; subject: { id: string } }>('GET', `/v1/incidents/${incident}`)).body));
        return titles.find(({ subject }) => subject.id === name)?.id;
      });
    };
    const [kept, gone] = [await incidentOf('bob'), await incidentOf('eve')];
    const grown = async () => (await call<{ runs: Run[] }>('GET', '/v1/runs?playbook=grown')).body.runs;
    expect(await grown()).toEqual([]);
    expect((await call('POST', `/v1/incidents/${kept}/merge`, { from: gone, reason: 'one person' })).status).toBe(200);
    const [run] = await eventually(async () => ((await grown()).length > 0 ? grown() : undefined));
    expect(run).toMatchObject({ incident: kept, status: 'active', state: 'watch' });
  });

  it('are started, suspended, resumed, sent to and cancelled by hand', async () => {
    const { status, body: run } = await call<Run>('POST', '/v1/runs', { playbook: 'hand', key: 'first' });
    expect({ status, run }).toMatchObject({ status: 201, run: { status: 'active', state: 'watch', params: { greeting: 'hi' } } });
    const command = (name: string, body: unknown = { reason: 'a test' }) => call<Run>('POST', `/v1/runs/${run.id}/${name}`, body);
    expect(await command('suspend')).toMatchObject({ status: 200, body: { status: 'suspended', timers: [{ held: true }] } });
    expect(await command('events', { type: 'manual.done' })).toMatchObject(refused(409, 'respond.run_state'));
    expect(await command('resume')).toMatchObject({ status: 200, body: { status: 'active', timers: [{ held: false }] } });
    expect(await command('events', { type: 'manual.other' })).toMatchObject(refused(409, 'respond.event_not_accepted'));
    for (const type of ['xstate.done.actor.x', 'incident.closed', 'signal.added', 'xstate.stop']) expect(await command('events', { type })).toMatchObject(refused(400, 'respond.event_refused'));
    expect(await command('events', { type: 'manual.done' })).toMatchObject({ status: 200, body: { status: 'done', outcome: 'contained' } });
    expect(await command('cancel')).toMatchObject(refused(409, 'respond.run_state'));
    expect(await command('undo')).toMatchObject({ status: 200, body: { status: 'done', outcome: 'contained' } });

    const { body: other } = await call<Run>('POST', '/v1/runs', { playbook: 'hand' });
    expect(await call('POST', `/v1/runs/${other.id}/cancel`, { undo: 'all', reason: 'a test' })).toMatchObject({ status: 200, body: { status: 'done', outcome: 'cancelled', timers: [] } });
  });

  it('refuse what cannot be done, and say why', async () => {
    expect(await call('POST', '/v1/runs', { playbook: 'nothing' })).toMatchObject(refused(404, 'respond.playbook_unknown'));
    expect(await call('POST', '/v1/runs', { playbook: 'broken' })).toMatchObject(refused(404, 'respond.playbook_unknown'));
    await call('POST', '/v1/runs', { playbook: 'hand', key: 'twice' });
    expect(await call('POST', '/v1/runs', { playbook: 'hand', key: 'twice' })).toMatchObject(refused(409, 'respond.run_exists'));
    expect(await call('POST', '/v1/runs', { playbook: 'hand', data: { refused: true } })).toMatchObject(refused(409, 'respond.trigger_refused'));
    expect(await call('POST', '/v1/runs', { playbook: 'hand', colour: 'red' })).toMatchObject(refused(400, 'respond.request_invalid'));
    expect(await call('GET', '/v1/runs?after=nonsense')).toMatchObject(refused(400, 'respond.request_invalid'));
    expect(await call('GET', '/v1/runs/none')).toMatchObject(refused(404, 'respond.run_unknown'));
    expect(await call('POST', '/v1/runs/01890000-0000-7000-8000-000000000000/cancel', { reason: 'x' })).toMatchObject(refused(404, 'respond.run_unknown'));
    // an engineer reads runs and changes none
    expect((await product.call('GET', '/v1/runs')).status).toBe(200);
    expect((await product.call('POST', '/v1/runs', { playbook: 'hand' })).status).toBe(403);
  });

  it('page through all, newest first', async () => {
    const all = (await call<{ runs: Run[] }>('GET', '/v1/runs?limit=500')).body.runs.map(({ id }) => id);
    const seen: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const { body }: { body: { runs: Run[]; next: string | null } } = await call('GET', `/v1/runs?limit=2${after === '' ? '' : `&after=${after}`}`);
      seen.push(...body.runs.map(({ id }) => id));
      after = body.next;
    }
    expect(seen).toEqual(all);
  });

  it('do not exist for whom they are about and who reports to them, who can neither start nor change them', async () => {
    await importContext(product, {
      'people.csv': 'person_id,name,manager\nE-1,Head,-\nE-7,Ann,E-1\nE-8,Rita,E-7\nE-9,Col,E-1\n',
      'accounts.csv': 'account_id,person\nann,E-7\n',
    });
    const { incidents } = (await call<{ incidents: { id: string }[] }>('GET', '/v1/incidents?entity=account:ann')).body;
    const { runs } = (await call<{ runs: Run[] }>('GET', '/v1/runs?playbook=watch')).body;
    const about = runs.filter(({ incident }) => incidents.some(({ id }) => id === incident)).map(({ id }) => id);
    const run = runs.find(({ id }) => id === about[0]);
    const listed = async (who: string) => ((await (await as(product, who, 'GET', '/v1/runs?playbook=watch')).json()) as { runs: Run[] }).runs.map(({ id }) => id);
    const act = async (who: string, method: string, address: string, body?: unknown) => {
      const response = await as(product, who, method, address, body);
      return { status: response.status, code: ((await response.json()) as { code?: string }).code };
    };
    const hidden = { status: 404, code: 'respond.run_unknown' };
    for (const person of ['E-7', 'E-8']) {
      const own = await newKey(product, ['responder'], person);
      expect(await listed(own)).toEqual(runs.map(({ id }) => id).filter((id) => !about.includes(id)));
      expect(await act(own, 'GET', `/v1/runs/${run!.id}`)).toEqual(hidden);
      for (const command of ['cancel', 'suspend', 'resume', 'undo']) expect(await act(own, 'POST', `/v1/runs/${run!.id}/${command}`, { reason: 'mine' })).toEqual(hidden);
      expect(await act(own, 'POST', `/v1/runs/${run!.id}/events`, { type: 'manual.done' })).toEqual(hidden);
      expect(await act(own, 'POST', '/v1/runs', { playbook: 'hand', incident: run!.incident })).toEqual({ status: 404, code: 'incident.unknown' });
    }
    const colleague = await newKey(product, ['responder'], 'E-9');
    expect(await listed(colleague)).toEqual(runs.map(({ id }) => id));
    expect(await act(colleague, 'GET', `/v1/runs/${run!.id}`)).toMatchObject({ status: 200 });
  });
});

describe('docs/how-to/runs.md', () => {
  const guide = readFileSync(path.resolve(import.meta.dirname, '../../docs/how-to/runs.md'), 'utf8');
  const lines = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));

  async function run(line: string, id: string): Promise<string> {
    const keyFile = path.join(folder, 'me.key');
    writeFileSync(keyFile, key);
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word = '']) => quoted ?? word).slice(1);
    let output = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
    try {
      const program = new Command().exitOverride();
      registerRuns(program);
      await program.parseAsync([...words.map((word) => (word === 'RUN' ? id : word === 'me.key' ? keyFile : word)), '--url', product.url], { from: 'user' });
    } finally {
      write.mockRestore();
    }
    return output;
  }

  it('has commands that do what it says', async () => {
    const { body: started } = await call<Run>('POST', '/v1/runs', { playbook: 'hand' });
    const [list, show, suspend, resume, cancel, undo] = lines;
    expect(lines).toHaveLength(6);
    expect(await run(list!, started.id)).toMatch(new RegExp(`${started.id} .* active +hand +at watch`));
    expect(await run(show!, started.id)).toMatch(/active\nplaybook +hand 1\.0\.0\nstate +watch since .*\ntimer /);
    expect(await run(suspend!, started.id)).toMatch(/suspended[\s\S]*, held/);
    expect(await run(resume!, started.id)).toMatch(/ active\n/);
    expect(await run(cancel!, started.id)).toContain('done: cancelled');
    expect(JSON.parse(await run(`${undo!} --json`, started.id))).toMatchObject({ id: started.id, status: 'done', outcome: 'cancelled' });
    await expect(run(suspend!, started.id)).rejects.toMatchObject({ code: 'respond.run_state' });
    await expect(run('cordon runs undo RUN --scope first second --key-file me.key --reason x', started.id)).resolves.toContain('cancelled');
  });
});

describe('incidents of before', () => {
  it('start no run at the first start with playbooks, what comes later does', async () => {
    const record = (user: string) => ({ time: new Date().toISOString(), route: '/customers', user: { name: user }, response: { status: 200 } });
    const before = await Product.start({ rules: { 'rule.yml': RULE }, config: 'respond: { playbooks: [] }' });
    await before.send(record('ann'));
    const incidents = async (site: Product) => (await site.get<{ incidents: { id: string }[] }>('/v1/incidents')).incidents;
    const [old] = await eventually(async () => {
      const found = await incidents(before);
      return found.length === 1 ? found : undefined;
    });
    await before.close();
    // As a version without runs leaves it.
    const client = new pg.Client({ connectionString: before.database.superuserUrl });
    await client.connect();
    await client.query(`DELETE FROM consumer_cursor WHERE name = 'respond'`);
    await client.end();
    const after = await Product.start({ rules: { 'rule.yml': RULE }, config: `respond: { playbooks: ["${folder}"] }`, again: before });
    try {
      await after.send(record('ben'));
      const runs = await eventually(async () => {
        const found = (await after.get<{ runs: Run[] }>('/v1/runs?playbook=watch')).runs;
        return found.some(({ incident }) => incident !== old!.id) ? found : undefined;
      });
      expect(runs.filter(({ incident }) => incident === old!.id)).toEqual([]);
    } finally {
      await after.stop();
    }
  });
});
