import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KeyHolders } from '../../src/access/index.js';
import { AuditRows } from '../../src/audit/index.js';
import { BreakGlassPeople, ContextImporter, PostgresDirectory } from '../../src/context/index.js';
import { ActionFailure, isCordonError, ManualClock, type ActionCall, type ActionCatalogue, type ExternalAction, type Principal, type Tx } from '../../src/kernel/index.js';
import { Database, PostgresFactLog, silentTelemetry, WakeUp } from '../../src/platform/index.js';
import type { ApprovalDecision, ApprovalRequest } from '../../src/respond/index.js';
import { approvalLogEvents } from '../../src/respond/approval/approval.log-events.js';
import { approvalMetrics } from '../../src/respond/approval/approval.metrics.js';
import { ApprovalService } from '../../src/respond/approval/approval.service.js';
import { ApprovalStore } from '../../src/respond/approval/approval-store.js';
import { ApproverFinder } from '../../src/respond/approval/approvers.js';
import { NoticeSender } from '../../src/respond/approval/notice-sender.js';
import { NoticeQueue } from '../../src/respond/approval/notice-queue.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const START = new Date('2027-01-10T09:00:00Z');
const HOUR = 3_600_000;
const ROUNDS = 25;
const NO_ACTIONS: ActionCatalogue = { find: () => undefined, list: () => [] };
const VOTERS = ['E-1', 'E-2', 'E-3', 'E-4'];

let testDatabase: TestDatabase;
let database: Database;
let service: ApprovalService;
const clock = new ManualClock(START);
const heard: ApprovalDecision[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl, poolSize: 8 }, { clock });
  const telemetry = silentTelemetry();
  const audit = new AuditRows();
  const people = `person_id,email,manager,break_glass\nBOSS,,-,\n${VOTERS.map((id) => `${id},${id}@example.com,BOSS,\n`).join('')}GLASS,glass@example.com,BOSS,true\n`;
  await new ContextImporter(database, audit, telemetry).run({ source: 'hr', files: [{ name: 'people.csv', content: people }], check: false, skipBadRows: false, actor: 'test' });
  for (const person of VOTERS) await database.query(`INSERT INTO api_key (id, name, hash, prefix, roles, person, created_at) VALUES ($1, $2, sha256($3::bytea), '', '{approver}', $2, now())`, [randomUUID(), person, person]);
  service = new ApprovalService({
    database, audit, store: new ApprovalStore(), facts: new PostgresFactLog(database), notices: new NoticeQueue(), catalogue: NO_ACTIONS, written: new WakeUp(),
    approvers: new ApproverFinder({ directory: new PostgresDirectory(database), holders: new KeyHolders(), breakGlass: new BreakGlassPeople() }),
    metrics: telemetry.metrics(approvalMetrics), log: telemetry.log(approvalLogEvents),
  });
  service.attach({ decided: async (_tx, decision) => void heard.push(decision) });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const voter = (person: string): Principal => ({ actor: `key:${person}`, name: person, roles: ['approver'], person });

const ask = (quorum: number, more: Partial<ApprovalRequest> = {}): Promise<string> =>
  database.transaction((tx) =>
    service.request(tx, {
      runId: randomUUID(), playbook: 'p', incidentId: null, episode: null, effectId: randomUUID(), role: 'approver', quorum, deadline: new Date(START.getTime() + HOUR), onDeadline: 'refuse',
      shows: null, would: [], about: [], requestedBy: null, ...more,
    }),
  );

/** What became of a vote: counted, or the code of its refusal. */
async function vote(id: string, person: string, choice: 'approve' | 'refuse' = 'approve', within?: (tx: Tx) => Promise<void>): Promise<string> {
  try {
    await service.vote(id, voter(person), { choice, reason: 'r' }, within);
    return 'counted';
  } catch (error) {
    if (isCordonError(error)) return error.code;
    throw error;
  }
}

const audited = async (id: string) => (await database.query<{ action: string }>('SELECT action FROM audit_row WHERE target = $1', [`approval:${id}`])).map(({ action }) => action);

describe('votes and deadline at once', () => {
  it('come to one decision, which is heard once, and every loser is told and on record', async () => {
    const winners = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      clock.set(START);
      heard.length = 0;
      const id = await ask(1);
      // The vote has begun in time; then the deadline comes, and both want the row.
      let begun: () => void = () => undefined;
      const started = new Promise<void>((resolve) => (begun = resolve));
      const pause = round % 2 === 0 ? 0 : 5;
      const voting = vote(id, 'E-1', 'approve', async () => {
        begun();
        await new Promise((resolve) => setTimeout(resolve, pause));
      });
      await started;
      clock.advance(HOUR);
      const [outcome] = await Promise.all([voting, database.transaction((tx) => service.expire(tx, id))]);
      expect(heard).toHaveLength(1);
      expect([outcome, heard[0]!.decision]).toEqual(outcome === 'counted' ? ['counted', 'approved'] : ['approval.closed', 'expired']);
      expect(await audited(id)).toContain(outcome === 'counted' ? 'approval.voted' : 'approval.vote_refused');
      winners.add(outcome);
    }
    expect([...winners].sort()).toEqual(['approval.closed', 'counted']);
  });

  it('of several voters settle it once, with no more votes than decide it, whoever comes first', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      clock.set(START);
      heard.length = 0;
      const id = await ask(2);
      const refusing = round % 3 === 0;
      const outcomes = await Promise.all([...VOTERS, 'E-1'].map((person) => vote(id, person, refusing && person === 'E-4' ? 'refuse' : 'approve')));
      const counted = outcomes.filter((outcome) => outcome === 'counted').length;
      expect(heard).toHaveLength(1);
      expect(new Set(heard[0]!.by).size).toBe(heard[0]!.by.length);
      expect(counted).toBe(heard[0]!.by.length);
      if (heard[0]!.decision === 'approved') expect(counted).toBe(2);
      else expect(refusing).toBe(true);
      expect((await audited(id)).filter((action) => action === 'approval.vote_refused')).toHaveLength(outcomes.length - counted);
      const [row] = await database.query<{ facts: number }>(`SELECT count(*)::integer AS facts FROM fact WHERE subject = $1 AND type = 'approval.decided'`, [`approval:${id}`]);
      expect(row!.facts).toBe(1);
    }
  });
});

describe('mails about approvals', () => {
  const sent: { to: string; subject: string; text: string; key: string }[] = [];
  let failing = 0;
  const action: ExternalAction = {
    id: 'email.send', title: 'Send', effectClass: 'unsafe', destructive: false, notify: true, input: {}, result: {}, verification: { none: 'x' }, undo: { none: 'x' }, timeoutMs: 1_000,
    entities: () => [],
    do: async ({ input, key }: ActionCall) => {
      if (failing > 0) {
        failing -= 1;
        throw new ActionFailure('the mail server is away', { code: 'TIMEOUT', retryable: true });
      }
      sent.push({ ...(input as { to: string; subject: string; text: string }), key });
      return { result: {}, already: false };
    },
  };
  const configured: ActionCatalogue = { find: (id) => (id === action.id ? action : undefined), list: () => [action] };
  const sender = (catalogue: ActionCatalogue) => {
    const telemetry = silentTelemetry();
    return new NoticeSender({ database, store: new ApprovalStore(), catalogue, publicUrl: 'https://cordon.example.com', metrics: telemetry.metrics(approvalMetrics), log: telemetry.log(approvalLogEvents) });
  };
  const turns = async (mails: NoticeSender): Promise<void> => {
    while (await mails.turn());
  };
  const to = () => sent.splice(0).map((mail) => mail.to).sort();

  beforeEach(async () => {
    clock.set(START);
    await database.query(`UPDATE approval_notice SET state = 'dropped' WHERE state = 'waiting'`);
    sent.length = 0;
  });

  it('go to who may decide and is no party to it, with the link and without a line of a stranger', async () => {
    const id = await ask(1, { playbook: 'theft\r\nBcc: mallory@example.com', about: [{ type: 'person', value: 'E-1' }], requestedBy: 'person:e-2' });
    await turns(sender(configured));
    expect(sent.map((mail) => mail.to).sort()).toEqual(['E-3@example.com', 'E-4@example.com']);
    for (const { subject, text } of sent) {
      expect(subject).not.toMatch(/[\r\n]/);
      expect(text).toContain(`https://cordon.example.com/approvals/${id}`);
      expect(text).not.toMatch(/^Bcc/m);
    }
    sent.length = 0;
    await turns(sender(configured));
    expect(to()).toEqual([]);
  });

  it('are tried again under the same key, and dropped once the approval is settled', async () => {
    const id = await ask(1, { about: ['E-1', 'E-2', 'E-3'].map((value) => ({ type: 'person' as const, value })) });
    failing = 1;
    await turns(sender(configured));
    expect(to()).toEqual([]);
    clock.advance(20_000);
    await turns(sender(configured));
    expect(to()).toEqual(['E-4@example.com']);
    const other = await ask(1);
    await vote(other, 'E-1');
    await turns(sender(configured));
    expect(to()).toEqual([]);
    const rows = await database.query<{ state: string; attempts: number }>('SELECT state, attempts FROM approval_notice WHERE approval_id = ANY ($1::uuid[]) ORDER BY created_at, id', [[id, other]]);
    expect(rows).toEqual([{ state: 'sent', attempts: 2 }, ...VOTERS.map(() => ({ state: 'dropped', attempts: 1 }))]);
  });

  it('remind once, half way, those who have not voted', async () => {
    const id = await ask(2);
    await turns(sender(configured));
    sent.length = 0;
    await vote(id, 'E-1');
    await database.transaction((tx) => service.remind(tx, id));
    clock.advance(HOUR / 2);
    await database.transaction((tx) => service.remind(tx, id));
    await database.transaction((tx) => service.remind(tx, id));
    await turns(sender(configured));
    expect(to()).toEqual(['E-2', 'E-3', 'E-4'].map((name) => `${name}@example.com`));
  });

  it('page break-glass people when too few can decide and when nobody did', async () => {
    await ask(5);
    await turns(sender(configured));
    expect(to()).toEqual([...VOTERS.map((name) => `${name}@example.com`), 'glass@example.com'].sort());
    const id = await ask(1, { onDeadline: 'escalate' });
    await turns(sender(configured));
    sent.length = 0;
    clock.advance(HOUR);
    await database.transaction((tx) => service.expire(tx, id));
    await turns(sender(configured));
    expect(to()).toEqual(['glass@example.com']);
  });

  it('are not kept waiting where no mail is configured', async () => {
    await ask(1);
    await turns(sender(NO_ACTIONS));
    const rows = await database.query<{ state: string }>(`SELECT DISTINCT state FROM approval_notice WHERE state = 'waiting'`);
    expect(rows).toEqual([]);
  });
});
