import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Command } from 'commander';
import { ApiClient } from '../../src/cli/api-client.js';
import { registerApprovals } from '../../src/cli/approvals.command.js';
import { registerCommands } from '../../src/cli/commands.js';
import type { JsonValue } from '../../src/kernel/index.js';
import type { ApprovalDecision } from '../../src/respond/index.js';
import { Asking } from '../harness/approvals.js';
import { as, importContext, newKey } from '../harness/people.js';
import { eventually, Product } from '../harness/product.js';

const PEOPLE = `person_id,name,email,manager,break_glass,status
E-1,Head,head@example.com,-,,
E-2,Sam Subject,sam@example.com,E-1,,
E-3,Rita Report,rita@example.com,E-2,,
E-4,Ann Approver,ann@example.com,E-1,,active
E-5,Bea Approver,bea@example.com,E-1,,
E-6,Gil Glass,gil@example.com,E-1,true,
`;
const ACCOUNTS = 'account_id,person\nsam,E-2\nann,E-4\n';

let product: Product;
let asking: Asking;
let decisions: ApprovalDecision[];
let keys: Record<'subject' | 'report' | 'viewer' | 'nobody' | 'ann' | 'bea' | 'glass', string>;

beforeAll(async () => {
  product = await Product.start();
  asking = new Asking(product);
  ({ decisions } = asking);
  await importContext(product, { 'people.csv': PEOPLE, 'accounts.csv': ACCOUNTS });
  keys = {
    subject: await newKey(product, ['approver'], 'E-2'),
    report: await newKey(product, ['approver'], 'E-3'),
    viewer: await newKey(product, ['viewer'], 'E-4'),
    nobody: await newKey(product, ['approver']),
    ann: await newKey(product, ['approver'], 'E-4'),
    bea: await newKey(product, ['approver'], 'E-5'),
    glass: await newKey(product, ['analyst'], 'E-6'),
  };
});

afterAll(() => product.stop());

async function decide(key: string, id: string, decision = 'approve', reason = 'seen the evidence'): Promise<{ status: number; code?: string; state?: string; detail?: string; remedy?: string }> {
  const answer = await as(product, key, 'POST', `/v1/approvals/${id}/decision`, { decision, reason });
  return { status: answer.status, ...((await answer.json()) as object) };
}

const read = async (key: string, id: string) => (await as(product, key, 'GET', `/v1/approvals/${id}`)).status;
const listed = async (key: string, query = '') => ((await (await as(product, key, 'GET', `/v1/approvals${query}`)).json()) as { approvals: { id: string; would: JsonValue }[] }).approvals.map(({ id }) => id);
const audited = (id: string) => product.app.platform.database.query<{ action: string; detail: Record<string, JsonValue> }>('SELECT action, detail FROM audit_row WHERE target = $1 ORDER BY at, id', [`approval:${id}`]);

describe('an approval', () => {
  it('does not exist for the subject and who reports to them, and is refused to a viewer, a key of nobody and who asked', async () => {
    const id = await asking.ask({ requestedBy: `key:${idOf(keys.bea)}` });
    for (const key of [keys.subject, keys.report]) {
      expect({ read: await read(key, id), listed: (await listed(key)).includes(id) }).toEqual({ read: 404, listed: false });
      expect(await decide(key, id, 'refuse')).toMatchObject({ status: 404, code: 'approval.unknown' });
    }
    expect(await decide(keys.viewer, id)).toMatchObject({ status: 403, code: 'access.forbidden' });
    expect(await decide(keys.nobody, id)).toMatchObject({ status: 403, code: 'approval.no_person', remedy: expect.stringContaining('--person') });
    expect(await decide(keys.bea, id)).toMatchObject({ status: 403, code: 'approval.four_eyes' });
    expect(await decide(keys.glass, id)).toMatchObject({ status: 403, code: 'approval.not_eligible' });
    expect(decisions).toEqual([]);
    const refused = (await audited(id)).filter(({ action }) => action === 'approval.vote_refused');
    expect(refused.map(({ detail }) => detail['because'])).toEqual(['conflict of interest: subject', 'conflict of interest: report', 'approval.no_person', 'approval.four_eyes', 'approval.not_eligible']);
    expect(await decide(keys.ann, id)).toMatchObject({ status: 200, state: 'approved' });
    expect(decisions.splice(0)).toMatchObject([{ approvalId: id, decision: 'approved', by: ['person:E-4'] }]);
  });

  it('is not decided by another key of who asked, and counts one vote a person whatever their keys', async () => {
    const second = await newKey(product, ['approver'], 'e-5');
    const asked = await asking.ask({ requestedBy: `key:${idOf(keys.bea)}` });
    expect(await decide(second, asked)).toMatchObject({ status: 403, code: 'approval.four_eyes' });
    const id = await asking.ask({ quorum: 2 });
    expect(await decide(keys.bea, id)).toMatchObject({ status: 200, state: 'open' });
    expect(await decide(second, id)).toMatchObject({ status: 409, code: 'approval.already_voted' });
    expect(await decide(keys.ann, id)).toMatchObject({ status: 200, state: 'approved' });
    expect(await decide(keys.bea, id, 'refuse')).toMatchObject({ status: 409, code: 'approval.closed' });
    expect(decisions.splice(0)).toMatchObject([{ decision: 'approved', by: ['person:E-5', 'person:E-4'] }]);
  });

  it('is refused by one refusal, with its reason', async () => {
    const id = await asking.ask({ quorum: 2 });
    await decide(keys.bea, id);
    expect(await decide(keys.ann, id, 'refuse', 'this is the nightly job')).toMatchObject({ status: 200, state: 'refused', reason: 'this is the nightly job' });
    expect(decisions.splice(0)).toMatchObject([{ decision: 'refused', reason: 'this is the nightly job' }]);
    expect((await audited(id)).map(({ action }) => action)).toEqual(['approval.requested', 'approval.voted', 'approval.voted']);
  });

  it('with too few who can decide lets break-glass people in, and says so in audit, fact and metric', async () => {
    const id = await asking.ask({ quorum: 3 });
    expect(await decide(keys.glass, id)).toMatchObject({ status: 200, state: 'open', votes: [{ person: 'E-6', break_glass: true }] });
    expect((await audited(id)).find(({ action }) => action === 'approval.too_few_approvers')?.detail).toMatchObject({ eligible: 2, quorum: 3, breakGlass: ['E-6'] });
    const facts = await product.app.platform.database.query<{ type: string }>('SELECT type FROM fact WHERE subject = $1 ORDER BY position', [`approval:${id}`]);
    expect(facts.map(({ type }) => type)).toEqual(['approval.requested', 'approval.too_few_approvers']);
    const metrics = await product.app.platform.telemetry.registry.getSingleMetricAsString('cordon_approval_too_few_approvers_total');
    expect(metrics).toMatch(/ [1-9]/);
  });

  it('about an account of which context does not know whose it is, is decided by break-glass people alone', async () => {
    const id = await asking.ask({ about: [{ type: 'account', value: 'shadow' }] });
    expect(await decide(keys.ann, id)).toMatchObject({ status: 403, code: 'approval.subject_unknown', detail: expect.stringContaining('shadow') });
    expect(await decide(keys.glass, id)).toMatchObject({ status: 200, state: 'approved' });
    decisions.length = 0;
  });

  it('is not decided by people who have left, nor where context has forgotten them', async () => {
    const id = await asking.ask();
    await importContext(product, { 'people.csv': PEOPLE.replace('active', 'left').replace(/^E-5.*\n/m, ''), 'accounts.csv': ACCOUNTS });
    expect(await decide(keys.ann, id)).toMatchObject({ status: 403, code: 'approval.person_unknown', detail: expect.stringContaining('left') });
    expect(await decide(keys.bea, id)).toMatchObject({ status: 403, code: 'approval.person_unknown' });
    await importContext(product, { 'people.csv': PEOPLE, 'accounts.csv': ACCOUNTS });
  });

  it('passes its deadline without a vote: it expires, or is handed to break-glass people and expires then', async () => {
    const soon = () => new Date(Date.now() + 300);
    const [refused, escalated, destructive] = [await asking.ask({ deadline: soon() }), await asking.ask({ deadline: soon(), onDeadline: 'escalate' }), await asking.ask({ deadline: soon(), onDeadline: 'approve' })];
    const harmless = await asking.ask({ deadline: soon(), onDeadline: 'approve', would: [] });
    const state = async (id: string) => ((await (await as(product, keys.ann, 'GET', `/v1/approvals/${id}`)).json()) as { state: string; escalated_at: string | null });
    await eventually(async () => (decisions.length >= 3 && (await state(escalated)).escalated_at !== null ? true : undefined));
    expect(decisions.splice(0).map(({ approvalId, decision }) => [approvalId, decision]).sort()).toEqual([[refused, 'expired'], [destructive, 'expired'], [harmless, 'approved']].sort());
    expect(await decide(keys.ann, refused)).toMatchObject({ status: 409, code: 'approval.closed' });
    expect(await decide(keys.glass, escalated)).toMatchObject({ status: 200, state: 'approved' });
    decisions.length = 0;
  });

  it('is withdrawn when nobody need decide any more, and asked once however often the effect asks', async () => {
    const effectId = randomUUID();
    const id = await asking.ask({ effectId });
    expect(await asking.ask({ effectId })).toBe(id);
    await product.app.platform.database.transaction((tx) => asking.desk.withdraw(tx, effectId, 'the incident was closed'));
    expect(await decide(keys.ann, id)).toMatchObject({ status: 409, code: 'approval.closed' });
    expect(decisions).toEqual([]);
    expect(await asking.ask({ effectId })).not.toBe(id);
  });

  it('is shown without secrets, in whole pages, and as mine only where I may decide', async () => {
    const id = await asking.ask({ requestedBy: `key:${idOf(keys.bea)}` });
    const text = await (await as(product, keys.ann, 'GET', `/v1/approvals/${id}`)).text();
    expect(text).not.toContain('hunter2');
    expect(text).toContain('[redacted]');
    expect([(await listed(keys.ann, '?mine=true')).includes(id), (await listed(keys.bea, '?mine=true')).includes(id), (await listed(keys.bea)).includes(id)]).toEqual([true, false, true]);
    const page = async (key: string, after = '') => (await (await as(product, key, 'GET', `/v1/approvals?state=all&limit=2${after}`)).json()) as { approvals: { id: string }[]; next: string | null };
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const found = await page(keys.ann, next && `&after=${next}`);
      seen.push(...found.approvals.map((one) => one.id));
      next = found.next;
    }
    expect(seen).toEqual(await listed(keys.ann, '?state=all&limit=200'));
    expect(await page(keys.subject)).toMatchObject({ approvals: [{ about: [{ value: 'shadow' }] }], next: null });
    expect((await as(product, keys.ann, 'GET', '/v1/approvals?after=x')).status).toBe(400);
    expect(await decide(keys.ann, id, 'maybe')).toMatchObject({ status: 400, code: 'approval.request_invalid', detail: expect.stringContaining('decision') });
    expect(await decide(keys.ann, id, 'approve', ' ')).toMatchObject({ status: 400, detail: expect.stringContaining('reason') });
    expect(await decide(keys.ann, 'nothing')).toMatchObject({ status: 404, code: 'approval.unknown' });
  });
});

function idOf(key: string): string {
  const [, hex = ''] = key.split('_');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

describe('cordon approvals', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cordon-approvals-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function run(...args: string[]): Promise<string> {
    let output = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
    try {
      const program = new Command().exitOverride();
      registerApprovals(program);
      await program.parseAsync(['approvals', ...args, '--url', product.url], { from: 'user' });
    } finally {
      write.mockRestore();
    }
    return output;
  }

  it('lists, shows and decides with the key of a person, and says why it cannot', async () => {
    const [annFile, nobodyFile] = [path.join(folder, 'ann.key'), path.join(folder, 'nobody.key')];
    writeFileSync(annFile, `${keys.ann}\n`);
    writeFileSync(nobodyFile, keys.nobody);
    const id = await asking.ask();
    expect(await run('list', '--mine', '--key-file', annFile)).toContain(id);
    expect(await run('list', '--mine', '--key-file', nobodyFile)).not.toContain(id);
    expect(await run('show', id, '--key-file', nobodyFile)).toMatch(/Deactivate the account[\s\S]*you +cannot decide: This API key belongs to no person/);
    await expect(run('approve', id, '--key-file', nobodyFile, '--reason', 'x')).rejects.toMatchObject({ code: 'approval.no_person', definition: { remedy: expect.stringContaining('--person') } });
    expect(await run('approve', id, '--key-file', annFile, '--reason', 'seen it')).toMatch(/approved[\s\S]*vote +approve by E-4/);
    expect(JSON.parse(await run('show', id, '--key-file', annFile, '--json'))).toMatchObject({ id, state: 'approved', reason: 'seen it' });
    const other = await asking.ask();
    await run('refuse', other, '--key-file', annFile, '--reason', 'no');
    expect(decisions.splice(0).map(({ decision }) => decision)).toEqual(['approved', 'refused']);
    await expect(run('list', '--key-file', path.join(folder, 'none.key'))).rejects.toMatchObject({ code: 'cli.key_unreadable' });
    await expect(new ApiClient({ keyFile: annFile, url: 'http://127.0.0.1:1' }).call('GET', '/v1/approvals')).rejects.toMatchObject({ code: 'cli.server_unreachable' });
  });

  it('is described in the guide by commands that exist', () => {
    const guide = readFileSync(path.resolve(import.meta.dirname, '../../docs/how-to/approvals.md'), 'utf8');
    const lines = [...guide.matchAll(/```\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n')).filter((line) => line.startsWith('cordon '));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const program = new Command().exitOverride();
      registerCommands(program);
      const [, group = '', name = ''] = line.split(' ');
      const command = program.commands.find((one) => one.name() === group)?.commands.find((one) => one.name() === name);
      const unknown = [...line.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag).filter((flag) => !command?.options.some(({ long }) => long === flag));
      expect({ line, found: command !== undefined, unknown }).toEqual({ line, found: true, unknown: [] });
    }
  });
});
