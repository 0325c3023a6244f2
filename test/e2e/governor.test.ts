import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Command } from 'commander';
import { ApiKeyService } from '../../src/access/index.js';
import { registerGovernor } from '../../src/cli/governor.command.js';
import { examinePolicy } from '../../src/cli/doctor-governor.js';
import { loadConfig } from '../../src/config/index.js';
import { Product } from '../harness/product.js';

const guide = readFileSync(path.resolve(import.meta.dirname, '../../docs/how-to/how-safety-works.md'), 'utf8');
const blocks = (language: string) => [...guide.matchAll(new RegExp('```' + language + '\\n([^`]*)```', 'g'))].map((match) => match[1]!);

let product: Product;
let responder: string;
let folder: string;
let config: string;
let stdout = '';

beforeAll(async () => {
  product = await Product.start({ config: blocks('yaml').join('') });
  responder = (await product.app.nest.get(ApiKeyService).create({ name: 'responder', roles: ['responder'] }, 'system:test')).text;
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-governor-'));
  config = path.join(folder, 'cordon.yaml');
  writeFileSync(config, `database: { url: "${product.database.appUrl}" }\n${blocks('yaml').join('')}`);
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
});

afterAll(async () => {
  jest.restoreAllMocks();
  await product.stop();
  rmSync(folder, { recursive: true, force: true });
});

function post(body: unknown, key = responder): Promise<Response> {
  return fetch(`${product.url}/v1/governor/kill-switch`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

/** Runs a command as a person types it, with the configuration of this test. */
async function cordon(...words: readonly string[]): Promise<string> {
  stdout = '';
  const program = new Command('cordon').exitOverride();
  registerGovernor(program);
  await program.parseAsync([...words, '--config', config], { from: 'user' });
  return stdout;
}

/** Words of a shell line, quotes taken off. */
const wordsOf = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);

interface Status {
  readonly kill_switches: readonly { scope: string; on: boolean; by: string }[];
}

describe('/v1/governor', () => {
  it('shows the settings of the guide and how much of the caps is used', async () => {
    expect(await product.get('/v1/governor')).toMatchObject({
      kill_switches: [],
      modes: { destructive: 'ask', other: 'auto', notify: 'auto' },
      actions: { 'demo.suspend-account': { mode: 'auto', irreversible: false } },
      caps: { per_hour: { limit: 20, used: 0, kept_for_critical: 4 }, share: { limit: 0, used: 0, of: 0 } },
    });
  });

  it('lets responders stop and lift, and nobody else', async () => {
    expect((await post({ on: true, reason: 'x' }, product.key)).status).toBe(403);
    expect(await (await post({ on: true, reason: 'wrong team' })).json()).toMatchObject({ kill_switches: [{ scope: 'all', on: true, reason: 'wrong team', by: expect.stringMatching(/^key:/) }] });
    expect((await product.get<Status>('/v1/governor')).kill_switches).toMatchObject([{ scope: 'all', on: true }]);
    expect(await (await post({ on: false, reason: 'mended' })).json()).toMatchObject({ kill_switches: [{ scope: 'all', on: false }] });
  });

  it.each([
    [{ on: true }, 400, 'governor.request_invalid'],
    [{ on: true, scope: 'everybody', reason: 'x' }, 400, 'governor.scope_unknown'],
    [{ on: false, scope: 'notify', reason: 'x' }, 409, 'governor.switch_not_on'],
  ])('refuses %j with %i %s', async (body, status, code) => {
    const response = await post(body);
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status, body: { code } });
  });

  it('names an action that it is asked about and does not know', async () => {
    const response = await product.call('GET', '/v1/governor/explain?action=demo.unheard-of');
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 404, body: { code: 'governor.action_unknown' } });
    expect((await product.call('GET', '/v1/governor/explain?action=demo.x&entity=nobody')).status).toBe(400);
  });
});

describe('docs/how-to/how-safety-works.md', () => {
  it('has commands that do what it says', async () => {
    const lines = blocks('sh').flatMap((block) => block.trim().split('\n')).map(wordsOf);
    expect(lines.map(([program]) => program)).toEqual(['cordon', 'cordon', 'cordon', 'cordon']);
    const [on, status, off, explain] = lines.map((words) => words.slice(2));
    expect(await cordon('governor', ...on!)).toMatch(/^kill switch: ON for all, set by cli:.*: suspensions hit the wrong team\n$/);
    expect((await product.get<Status>('/v1/governor')).kill_switches).toMatchObject([{ scope: 'all', on: true, by: expect.stringMatching(/^cli:/) }]);
    expect(await cordon('governor', ...status!)).toMatch(/^kill switch: ON for all.*\nmodes: destructive ask, other auto, notify auto\n {2}demo\.suspend-account: auto\ndestructive actions in the last hour: 0 of 20, 4 kept/);
    expect(await cordon('governor', ...off!)).toBe('kill switch: off\n');
    // The guide's action stands for one of the reader's own connectors.
    await expect(cordon('governor', ...explain!)).rejects.toMatchObject({ code: 'governor.action_unknown' });
    expect(JSON.parse(await cordon('governor', 'status', '--json'))).toMatchObject({ kill_switches: [{ scope: 'all', on: false }] });
  });

  it('names every key that the governor reads', () => {
    for (const key of ['modes', 'policy', 'caps', 'cooldown', 'protected', 'promotedRules']) expect(guide).toMatch(new RegExp(`respond\\.${key}|${key}:`));
  });
});

describe('cordon doctor', () => {
  const examine = (text: string) => {
    const file = path.join(folder, 'doctor.yaml');
    writeFileSync(file, text);
    return examinePolicy(loadConfig({ root: folder, file }), product.database);
  };

  it('warns of what takes a guard away, and of nothing else', async () => {
    expect(await examine('{}')).toContainEqual({ state: 'warn', check: 'governor', detail: expect.stringMatching(/^respond\.protected: nobody is protected/) });
    expect(await examine('respond: { protected: { own: ["account:cordon"], refuse: ["account:root"] } }')).toEqual([{ state: 'ok', check: 'governor', detail: 'no setting takes a guard away' }]);
  });
});
