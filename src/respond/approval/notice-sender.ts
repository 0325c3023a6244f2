import { ActionFailure, type ActionCatalogue } from '../../kernel/index.js';
import type { Database, LogWriter, Metrics } from '../../platform/index.js';
import type { approvalLogEvents } from './approval.log-events.js';
import type { approvalMetrics } from './approval.metrics.js';
import type { ApprovalStore } from './approval-store.js';
import { noticeText, type Notice } from './notice-text.js';
import { CLAIM_NOTICES, SETTLE_NOTICE } from './sql.js';

export interface NoticeSenderParts {
  readonly database: Database;
  readonly store: ApprovalStore;
  readonly catalogue: ActionCatalogue;
  /** Where people reach the product; undefined where the configuration does not say. */
  readonly publicUrl: string | undefined;
  readonly metrics: Metrics<typeof approvalMetrics>;
  readonly log: LogWriter<typeof approvalLogEvents>;
}

interface NoticeRow {
  id: string;
  approval_id: string;
  kind: Notice['kind'];
  person: string;
  address: string;
  attempts: number;
}

/** The action of the catalogue that mails are sent by. */
const EMAIL_ACTION = 'email.send';
const AT_ONCE = 3;
const MOST_ATTEMPTS = 6;
const FIRST_RETRY_MS = 15_000;
/** A notice whose sender died is taken up again after this time. Then a mail may come twice, which is better than not at all. */
const TAKE_UP_MS = 120_000;
const SEND_MS = 30_000;

/** Sends the mails that wait. Each is marked before it is sent and settled after it. */
export class NoticeSender {
  constructor(private readonly parts: NoticeSenderParts) {}

  /** One turn of the leased task. Gives whether there may be more. */
  async turn(): Promise<boolean> {
    const { database } = this.parts;
    const now = await database.now();
    const rows = await database.query<NoticeRow>(CLAIM_NOTICES, [now, new Date(now.getTime() + TAKE_UP_MS), AT_ONCE]);
    for (const row of rows) await this.#sendOne(row, now);
    return rows.length === AT_ONCE;
  }

  async #sendOne(row: NoticeRow, now: Date): Promise<void> {
    const approval = await this.parts.store.find(this.parts.database, row.approval_id);
    if (approval?.state !== 'open') return this.#settle(row, now, 'dropped', 'the approval was settled before');
    const action = this.parts.catalogue.find(EMAIL_ACTION);
    if (!action || action.effectClass === 'in-database') return this.#settle(row, now, 'dropped', `no action ${EMAIL_ACTION} is configured`);
    const { subject, text } = noticeText({ approval, kind: row.kind, publicUrl: this.parts.publicUrl });
    try {
      await action.do({ input: { to: row.address, subject, text }, key: row.id, attempt: row.attempts, now, signal: AbortSignal.timeout(SEND_MS) });
      await this.#settle(row, now, 'sent', null);
    } catch (error) {
      await this.#failed(row, now, error);
    }
  }

  async #failed(row: NoticeRow, now: Date, error: unknown): Promise<void> {
    const final = row.attempts >= MOST_ATTEMPTS || (error instanceof ActionFailure && !error.retryable);
    const message = error instanceof Error ? error.message : String(error);
    if (!final) return this.#settle(row, now, 'waiting', message, new Date(now.getTime() + FIRST_RETRY_MS * 2 ** (row.attempts - 1)));
    this.parts.log('approval.notice_failed', { approval: row.approval_id, notice: row.id, kind: row.kind, attempts: row.attempts, error });
    await this.#settle(row, now, 'failed', message);
  }

  async #settle(row: NoticeRow, now: Date, state: 'sent' | 'failed' | 'dropped' | 'waiting', error: string | null, next: Date | null = null): Promise<void> {
    await this.parts.database.query(SETTLE_NOTICE, [row.id, state, error?.slice(0, 500) ?? null, now, next]);
    if (state !== 'waiting') this.parts.metrics.cordon_approval_notices_total.inc({ result: state });
  }
}
